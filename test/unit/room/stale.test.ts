import { expect, test } from "vitest";
import { roomOf, TestRoom } from "../../helpers/test-room.ts";

test("closes a connection 4009 after 90 s of silence, and its user leaves", () => {
  const room = new TestRoom();
  const [ann, stale] = [room.join("Ann"), room.join("Stale")];
  expect(room.audience.needsSweep).toBe(true);
  room.advance(60_000);
  ann.lastPing = room.now;
  room.advance(29_000);
  const due = room.audience.sweep(room.now) ?? 0;
  expect(due).toBe((stale.session?.heardAt ?? 0) + 90_000);
  room.advance(due - room.now);
  expect(room.audience.sweep(room.now)).toBe(ann.lastPing + 90_000);
  room.advance(6_000);
  expect([ann.closedWith, stale.closedWith]).toEqual([undefined, 4009]);
  expect(room.audience.online).toBe(1);
  expect(room.audience.needsSweep).toBe(false);
});

test("keeps connections that sent a frame or a ping, and those in plain mode", () => {
  const room = new TestRoom();
  const [ann, bob, plain] = [room.join("Ann"), room.join("Bob"), room.open("plain")];
  room.advance(80_000);
  room.exchange(ann, { type: "send", id: "a", text: "hi" });
  bob.lastPing = room.now;
  room.advance(20_000);
  room.audience.sweep(room.now);
  room.advance(1_000);
  expect([ann, bob, plain].map((peer) => peer.closedWith)).toEqual([undefined, undefined, undefined]);
});

test("counts the 90 s from the last frame, also across a hibernation", () => {
  const { room, ann, bob } = roomOf(2);
  room.advance(50_000);
  room.exchange(bob, { type: "send", id: "a", text: "hi" });
  const heardAt = room.now;
  room.advance(20_000);
  room.hibernate();
  ann.lastPing = room.now;
  room.advance(heardAt + 89_000 - room.now);
  room.audience.sweep(room.now);
  room.advance(1_000);
  expect(bob.closedWith).toBeUndefined();
  room.advance(20_000);
  ann.lastPing = room.now;
  room.audience.sweep(room.now);
  room.advance(1_000);
  expect(bob.closedWith).toBe(4009);
});

test("needs no sweep for one user and plain connections", () => {
  const room = new TestRoom();
  room.join("Ann");
  room.open("plain");
  room.open("plain");
  expect(room.audience.needsSweep).toBe(false);
  room.advance(100_000);
  expect(room.audience.sweep(room.now)).toBeNull();
});

test("wakes a quiet room of 100 users that ping at most once in 65 s", () => {
  const { room, peers } = roomOf(100);
  expect(room.dueAt).toBeNull();
  const start = room.now;
  // Each client pings every 25 s, 250 ms after the one before it.
  const lastPing = (index: number) => Math.floor((room.now - index * 250) / 25_000) * 25_000 + index * 250;
  let sweeps = 0;
  for (let at: number | null = start + 90_000; at !== null && at < start + 3_600_000; sweeps += 1) {
    room.now = at;
    room.hibernate();
    for (const [index, peer] of peers.entries()) peer.lastPing = lastPing(index);
    at = room.audience.sweep(room.now);
    room.advance(0);
    expect(room.dueAt).toBeNull();
  }
  expect(sweeps).toBeLessThanOrEqual(3_600 / 65);
  expect(peers.every((peer) => peer.closedWith === undefined)).toBe(true);
});
