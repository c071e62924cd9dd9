import { expect, it } from "vitest";
import { DEFAULT_CONFIG } from "../../src/room/config.ts";
import { Posters } from "../../src/room/posters.ts";

const count = (takes: number[]) => takes.filter((waitMs) => waitMs === 0).length;

it("a person may post as fast as a connection sends, and ten times that goes through one address", () => {
  const posters = new Posters(DEFAULT_CONFIG);
  expect(count(Array.from({ length: 30 }, () => posters.take("a", "ann", 0)))).toBe(20);
  expect(count(Array.from({ length: 300 }, (_, i) => posters.take("b", `key-${i}`, 0)))).toBe(200);
  expect(count(Array.from({ length: 30 }, () => posters.take("c", null, 0)))).toBe(20);
});

it("ten thousand people leave a bounded number of buckets, and the newest of them their own", () => {
  const posters = new Posters({ ...DEFAULT_CONFIG, messageRate: 0.001 });
  for (let i = 0; i < 10_000; i += 1) posters.take(`address-${i}`, `user-${i}`, 0);
  for (let i = 0; i < 19; i += 1) expect(posters.take("address-9999", "user-9999", 0)).toBe(0);
  expect(posters.take("address-9999", "user-9999", 0)).toBeGreaterThan(0);
});
