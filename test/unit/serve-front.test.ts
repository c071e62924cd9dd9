// The self-hosting server's stand-in for what Cloudflare does around a Worker.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withClientAddress } from "../../src/serve/worker/client-address.ts";
import { acceptedCoding, compressed } from "../../src/serve/worker/compression.ts";
import { workerFirst } from "../../src/serve/worker/routing.ts";

describe("which requests the Worker answers first", () => {
  const isForWorker = workerFirst(["/ws", "/ws/*", "/a.b/*/c", "!/ws/static/*"]);

  test.each(["/ws", "/ws/", "/ws/demo", "/ws/a/b", "/a.b/x/c", "/a.b/x/y/c"])(
    "%s is the Worker's",
    (path) => {
      expect(isForWorker(path)).toBe(true);
    },
  );

  test.each(["/", "/w", "/wss", "/WS", "/x/ws", "/ws/static/x", "/aXb/x/c", "/a.b/c"])(
    "%s is left to the assets",
    (path) => {
      expect(isForWorker(path)).toBe(false);
    },
  );

  test("one answer can stand for all", () => {
    expect(workerFirst(true)("/x")).toBe(true);
    expect(workerFirst(false)("/ws")).toBe(false);
  });

  test("a rule without a star means exactly itself, whatever it is made of", () => {
    const path = fc.string({ unit: "grapheme" }).map((text) => `/${text.replaceAll("*", "")}`);
    fc.assert(
      fc.property(path, path, (rule, other) => {
        expect(workerFirst([rule])(rule)).toBe(true);
        expect(workerFirst([rule])(other)).toBe(rule === other);
      }),
    );
  });
});

describe("the coding of an answer", () => {
  test.each([
    ["gzip, deflate, br, zstd", "gzip"],
    ["br", "br"],
    ["br;q=0.5, gzip;q=0.9", "gzip"],
    ["GZIP", "gzip"],
    ["zstd, br;q=0.1", "br"],
    ["gzip;q=0, br", "br"],
    ["identity, gzip;q=0.5", undefined],
    ["gzip;q=0", undefined],
    ["gzip;q=much", undefined],
    ["deflate", undefined],
    ["*", undefined],
    ["", undefined],
    [null, undefined],
  ])("%j gets %s", (header, coding) => {
    expect(acceptedCoding(header)).toBe(coding);
  });

  function answered(headers: Record<string, string>): string | null {
    const request = new Request("http://localhost/", { headers: { "Accept-Encoding": "gzip" } });
    return compressed(request, new Response("text", { headers })).headers.get("Content-Encoding");
  }

  test("texts are compressed, pictures and what is compressed already are not", () => {
    expect(answered({ "Content-Type": "text/html; charset=utf-8" })).toBe("gzip");
    expect(answered({ "Content-Type": "application/json" })).toBe("gzip");
    expect(answered({ "Content-Type": "image/svg+xml" })).toBe("gzip");
    expect(answered({ "Content-Type": "image/png" })).toBeNull();
    expect(answered({ "Content-Type": "text/html", "Content-Encoding": "br" })).toBe("br");
  });
});

describe("the address of a client", () => {
  function told(peer: unknown, said?: string): string | null {
    const headers = said === undefined ? {} : { "CF-Connecting-IP": said };
    return withClientAddress(new Request("http://localhost/", { headers }), peer).headers.get(
      "CF-Connecting-IP",
    );
  }

  test.each([
    ["192.0.2.1:1234", "192.0.2.1"],
    ["[2001:db8::1]:1234", "2001:db8::1"],
    ["[::ffff:192.0.2.1]:1234", "192.0.2.1"],
    ["[::1]:1234", "::1"],
  ])("%s is told as %s", (peer, address) => {
    expect(told(peer)).toBe(address);
  });

  test("nobody elsewhere can say that they are somebody else", () => {
    expect(told("192.0.2.1:1234", "198.51.100.7")).toBe("192.0.2.1");
    expect(told("[2001:db8::1]:1234", "198.51.100.7")).toBe("2001:db8::1");
    expect(told(undefined, "198.51.100.7")).toBe("");
  });

  test.each(["127.0.0.1:1234", "[::1]:1234", "[::ffff:127.0.0.1]:1234"])(
    "a proxy on this machine, at %s, can say whom it speaks for",
    (peer) => {
      expect(told(peer, "198.51.100.7")).toBe("198.51.100.7");
    },
  );
});
