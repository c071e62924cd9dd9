// The front of the self-hosting server: what Cloudflare does around a Worker.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { proxyList, withClientAddress } from "../../../src/serve/worker/client-address.ts";
import { acceptedCoding, compressed } from "../../../src/serve/worker/compression.ts";
import { DescriptorBudget } from "../../../src/serve/worker/descriptor-budget.ts";
import { hostName } from "../../../src/serve/worker/host.ts";
import rateLimit, { RateCounter } from "../../../src/serve/worker/rate-limit.ts";
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
  function addressFor(peer: unknown, header?: string, trusted: readonly string[] = []): string | null {
    const headers = header === undefined ? {} : { "CF-Connecting-IP": header };
    const request = new Request("http://localhost/", { headers });
    return withClientAddress(request, peer, proxyList(trusted)).headers.get("CF-Connecting-IP");
  }

  test.each([
    ["192.0.2.1:1234", "192.0.2.1"],
    ["[2001:db8::1]:1234", "2001:db8::1"],
    ["[::ffff:192.0.2.1]:1234", "192.0.2.1"],
  ])("reads %s as %s", (peer, address) => {
    expect(addressFor(peer)).toBe(address);
  });

  test("replaces the header of another machine", () => {
    expect(addressFor("192.0.2.1:1234", "198.51.100.7")).toBe("192.0.2.1");
    expect(addressFor("[2001:db8::1]:1234", "198.51.100.7")).toBe("2001:db8::1");
    expect(addressFor(undefined, "198.51.100.7")).toBe("");
  });

  test.each(["127.0.0.1:1234", "127.9.9.9:1234", "[::1]:1234", "[::ffff:127.0.0.1]:1234"])(
    "keeps the header of a proxy at %s",
    (peer) => {
      expect(addressFor(peer, "198.51.100.7")).toBe("198.51.100.7");
      expect(addressFor(peer)).toBeNull();
    },
  );

  test("keeps the header of a trusted proxy on another machine", () => {
    const trusted = ["192.0.2.0/24", "2001:db8::1"];
    expect(addressFor("192.0.2.77:1", "198.51.100.7", trusted)).toBe("198.51.100.7");
    expect(addressFor("[2001:db8::1]:1", "198.51.100.7", trusted)).toBe("198.51.100.7");
    expect(addressFor("192.0.3.1:1", "198.51.100.7", trusted)).toBe("192.0.3.1");
    expect(addressFor("[2001:db8::2]:1", "198.51.100.7", trusted)).toBe("2001:db8::2");
  });
});

describe("the Host header", () => {
  test.each([
    ["localhost", "localhost"],
    ["Chat.Example:8787", "chat.example"],
    ["127.0.0.1:80", "127.0.0.1"],
    ["[::1]:8787", "[::1]"],
    [null, null],
    ["", null],
    // Two headers arrive as one.
    ["a, b", null],
    ["a b", null],
    ["user@a", null],
    ["a/b", null],
    ["a:port", null],
    ["a:65536", null],
    ["[::1", null],
  ])("%j names %j", (header, name) => {
    expect(hostName(header)).toBe(name);
  });
});

describe("a rate limit", () => {
  test("counts each key, in windows of its period", () => {
    const counter = new RateCounter({ name: "UPGRADES", limit: 2, period: 10 });
    const start = 1_000_000;
    expect([1, 2, 3].map(() => counter.count("a", start))).toEqual([true, true, false]);
    expect(counter.count("b", start)).toBe(true);
    expect(counter.count("a", start + 9_999)).toBe(false);
    expect(counter.count("a", start + 10_000)).toBe(true);
  });
});

test("a rate limit counts the calls of all environments", async () => {
  const settings = { name: "SHARED", limit: 1, period: 60 };
  expect(await rateLimit(settings).limit({ key: "a" })).toEqual({ success: true });
  expect(await rateLimit(settings).limit({ key: "a" })).toEqual({ success: false });
});

describe("the budget of file descriptors", () => {
  test("admits requests until the measured descriptors reach the limit", async () => {
    let open = 80;
    const budget = new DescriptorBudget(100, async () => open);
    const admitted = await Promise.all([1, 2, 3, 4, 5].map(() => budget.admit(0)));
    expect(admitted).toEqual([true, true, true, true, false]);
    // The requests needed fewer descriptors than they might have.
    open = 88;
    expect(await budget.admit(249)).toBe(false);
    expect(await budget.admit(250)).toBe(true);
    // Connections without a request opened descriptors.
    open = 98;
    expect(await budget.admit(1_249)).toBe(true);
    expect(await budget.admit(1_250)).toBe(false);
  });

  test("measures once for requests at the same time", async () => {
    let measurements = 0;
    const budget = new DescriptorBudget(100, async () => ++measurements);
    await Promise.all([budget.admit(0), budget.admit(0), budget.admit(0)]);
    expect(measurements).toBe(1);
  });
});
