// The front of the self-hosting server: what Cloudflare does around a Worker.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withClientAddress } from "../../../src/serve/worker/client-address.ts";
import { acceptedCoding, compressed } from "../../../src/serve/worker/compression.ts";
import { workerFirst } from "../../../src/serve/worker/routing.ts";

describe("run_worker_first", () => {
  const isForWorker = workerFirst(["/ws", "/ws/*", "/a.b/*/c", "!/ws/static/*"]);

  test.each(["/ws", "/ws/", "/ws/demo", "/ws/a/b", "/a.b/x/c", "/a.b/x/y/c"])(
    "sends %s to the Worker",
    (path) => {
      expect(isForWorker(path)).toBe(true);
    },
  );

  test.each(["/", "/w", "/wss", "/WS", "/x/ws", "/ws/static/x", "/aXb/x/c", "/a.b/c"])(
    "sends %s to the assets",
    (path) => {
      expect(isForWorker(path)).toBe(false);
    },
  );

  test("takes true or false for all paths", () => {
    expect(workerFirst(true)("/x")).toBe(true);
    expect(workerFirst(false)("/ws")).toBe(false);
  });

  test("matches a rule without a star exactly", () => {
    const path = fc.string({ unit: "grapheme" }).map((text) => `/${text.replaceAll("*", "")}`);
    fc.assert(
      fc.property(path, path, (rule, other) => {
        expect(workerFirst([rule])(rule)).toBe(true);
        expect(workerFirst([rule])(other)).toBe(rule === other);
      }),
    );
  });
});

describe("the coding of a response", () => {
  test.each([
    ["gzip, deflate, br, zstd", "gzip"],
    ["br", "br"],
    ["br;q=0.5, gzip;q=0.9", "gzip"],
    ["GZIP", "gzip"],
    ["zstd, br;q=0.1", "br"],
    ["gzip;q=0, br", "br"],
    ["identity, gzip;q=0.5", undefined],
    ["gzip;q=0", undefined],
    // An invalid weight counts as 1.
    ["gzip;q=much", "gzip"],
    ["deflate", undefined],
    ["*", undefined],
    ["", undefined],
    [null, undefined],
  ])("Accept-Encoding %j gets %s", (header, coding) => {
    expect(acceptedCoding(header)).toBe(coding);
  });

  function codingOf(headers: Record<string, string>): string | null {
    const request = new Request("http://localhost/", { headers: { "Accept-Encoding": "gzip" } });
    return compressed(request, new Response("text", { headers })).headers.get("Content-Encoding");
  }

  test("compresses text, but not pictures or compressed bodies", () => {
    expect(codingOf({ "Content-Type": "text/html; charset=utf-8" })).toBe("gzip");
    expect(codingOf({ "Content-Type": "application/json" })).toBe("gzip");
    expect(codingOf({ "Content-Type": "image/svg+xml" })).toBe("gzip");
    expect(codingOf({ "Content-Type": "image/png" })).toBeNull();
    expect(codingOf({ "Content-Type": "text/html", "Content-Encoding": "br" })).toBe("br");
  });
});

describe("the client's address", () => {
  function addressFor(peer: unknown, header?: string): string | null {
    const headers = header === undefined ? {} : { "CF-Connecting-IP": header };
    return withClientAddress(new Request("http://localhost/", { headers }), peer).headers.get(
      "CF-Connecting-IP",
    );
  }

  test.each([
    ["192.0.2.1:1234", "192.0.2.1"],
    ["[2001:db8::1]:1234", "2001:db8::1"],
    ["[::ffff:192.0.2.1]:1234", "192.0.2.1"],
    ["[::1]:1234", "::1"],
  ])("reads %s as %s", (peer, address) => {
    expect(addressFor(peer)).toBe(address);
  });

  test("ignores the header of another machine", () => {
    expect(addressFor("192.0.2.1:1234", "198.51.100.7")).toBe("192.0.2.1");
    expect(addressFor("[2001:db8::1]:1234", "198.51.100.7")).toBe("2001:db8::1");
    expect(addressFor(undefined, "198.51.100.7")).toBe("");
  });

  test.each(["127.0.0.1:1234", "[::1]:1234", "[::ffff:127.0.0.1]:1234"])(
    "keeps the header of a proxy at %s",
    (peer) => {
      expect(addressFor(peer, "198.51.100.7")).toBe("198.51.100.7");
    },
  );
});
