import { expect, test } from "vitest";
import { DEFAULT_CONFIG } from "../../../src/room/config.ts";
import { PostLimiter } from "../../../src/room/http-access.ts";

const countAccepted = (waits: number[]) => waits.filter((waitMs) => waitMs === 0).length;

test("limits a user to the burst of a connection, and an address to ten times that", () => {
  const limiter = new PostLimiter(DEFAULT_CONFIG);
  const byUser = Array.from({ length: 30 }, () => limiter.take("a", "ann", 0));
  const byAddress = Array.from({ length: 300 }, (_, i) => limiter.take("b", `user-${i}`, 0));
  expect([countAccepted(byUser), countAccepted(byAddress)]).toEqual([20, 200]);
});

test("limits users without a key by their address", () => {
  const limiter = new PostLimiter(DEFAULT_CONFIG);
  const take = (address: string) => Array.from({ length: 30 }, () => limiter.take(address, null, 0));
  expect([countAccepted(take("a")), countAccepted(take("b"))]).toEqual([20, 20]);
});

test("keeps the limiters of the most recent users", () => {
  const limiter = new PostLimiter({ ...DEFAULT_CONFIG, messageRate: 0.001 });
  for (let i = 0; i < 10_000; i += 1) limiter.take(`address-${i}`, `user-${i}`, 0);
  for (let i = 0; i < 19; i += 1) expect(limiter.take("address-9999", "user-9999", 0)).toBe(0);
  expect(limiter.take("address-9999", "user-9999", 0)).toBeGreaterThan(0);
});

test("forgets the oldest limiters, so that their number is bounded", () => {
  const limiter = new PostLimiter({ ...DEFAULT_CONFIG, messageRate: 0.001, messageBurst: 1 });
  expect(limiter.take("address-0", null, 0)).toBe(0);
  expect(limiter.take("address-0", null, 0)).toBeGreaterThan(0);
  for (let i = 1; i <= 1_000; i += 1) limiter.take(`address-${i}`, null, 0);
  expect(limiter.take("address-0", null, 0)).toBe(0);
});
