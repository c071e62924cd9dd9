import { expect, test } from "vitest";
import { MAX_PAGE_LENGTH } from "../../../src/protocol/index.ts";
import { DEFAULT_CONFIG } from "../../../src/room/config.ts";
import { PostLimiter } from "../../../src/room/post-limiter.ts";
import { roomOf } from "../../helpers/test-room.ts";

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

test("limits the pages that one address reads", () => {
  const { room } = roomOf(2);
  const read = (address: string) => room.http.messagesBefore(10, 10, { network: address }, room.now).ok;
  const results = Array.from({ length: 30 }, () => read("a"));
  expect(results.filter(Boolean)).toHaveLength(20);
  expect(read("b")).toBe(true);
  room.now += 1_000;
  expect(read("a")).toBe(true);
});

test("rejects a page of another epoch", () => {
  const { room } = roomOf(2);
  const page = room.http.eventsAfter(0, "other", 10, { network: "a" }, room.now);
  expect(page).toMatchObject({ ok: false, error: { code: "epoch" } });
});

test("ends a page before it is too long, and shortens long lists of reactions to counts", () => {
  const { room, peers, ann } = roomOf(30);
  const text = "x".repeat(8_000);
  for (let i = 1; i <= 40; i += 1) room.exchange(ann, { type: "send", id: `m${i}`, text });
  for (const peer of peers) {
    room.exchange(peer, { type: "react", id: "r", target: 40, emoji: "👍", on: true });
  }
  const page = room.http.messagesBefore(1_000, 100, { network: "a" }, room.now);
  if (!page.ok) throw new Error("the page is rejected");
  expect(JSON.stringify(page).length).toBeLessThan(1.1 * MAX_PAGE_LENGTH);
  expect(page.value.more).toBe(true);
  const last = page.value.events.at(-1);
  expect(last).toMatchObject({ seq: 40, reactionCounts: { "👍": 30 } });
  expect(last?.type === "message" && last.reactions?.["👍"]).toHaveLength(20);
});

test("a user at the limit does not use up the limit of the network", () => {
  const limiter = new PostLimiter(DEFAULT_CONFIG);
  for (let i = 0; i < 400; i += 1) limiter.take("a", "ann", 0);
  expect(limiter.take("a", "bob", 0)).toBe(0);
});

test("an unknown network has no limit of its own", () => {
  const limiter = new PostLimiter(DEFAULT_CONFIG);
  const guests = Array.from({ length: 30 }, () => limiter.take("", null, 0));
  const users = Array.from({ length: 300 }, (_, i) => limiter.take("", `user-${i}`, 0));
  expect([countAccepted(guests), countAccepted(users)]).toEqual([30, 300]);
  expect(countAccepted(Array.from({ length: 30 }, () => limiter.take("", "ann", 0)))).toBe(20);
});
