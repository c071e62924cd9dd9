import { expect, it } from "vitest";
import { DEFAULT_CONFIG } from "../../../src/room/config.ts";
import { PostLimiter } from "../../../src/room/http-access.ts";

const count = (takes: number[]) => takes.filter((waitMs) => waitMs === 0).length;

it("a person may post as fast as a connection sends, and ten times that goes through one address", () => {
  const limiter = new PostLimiter(DEFAULT_CONFIG);
  expect(count(Array.from({ length: 30 }, () => limiter.take("a", "ann", 0)))).toBe(20);
  expect(count(Array.from({ length: 300 }, (_, i) => limiter.take("b", `key-${i}`, 0)))).toBe(200);
  expect(count(Array.from({ length: 30 }, () => limiter.take("c", null, 0)))).toBe(20);
});

it("ten thousand people leave a bounded number of buckets, and the newest of them their own", () => {
  const limiter = new PostLimiter({ ...DEFAULT_CONFIG, messageRate: 0.001 });
  for (let i = 0; i < 10_000; i += 1) limiter.take(`address-${i}`, `user-${i}`, 0);
  for (let i = 0; i < 19; i += 1) expect(limiter.take("address-9999", "user-9999", 0)).toBe(0);
  expect(limiter.take("address-9999", "user-9999", 0)).toBeGreaterThan(0);
});
