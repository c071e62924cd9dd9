import { describe, expect, test } from "vitest";
import { TYPING_REPEAT_MS, TYPING_TIMEOUT_MS } from "../../../src/protocol/index.ts";
import { Typing } from "../../../src/room/typing.ts";
import { roomOf, type TestPeer, TestRoom } from "../../helpers/test-room.ts";

test("repeats the line of a user who continues to type, every 2 to 6 s", () => {
  const typing = new Typing();
  const sentAt: number[] = [];
  for (let now = 0; now <= 30_000; now += 100) {
    if (now % TYPING_REPEAT_MS === 0) typing.start("ann", now);
    typing.expire(now);
    const line = typing.takeLine(now);
    if (line === null) continue;
    expect(line.users).toEqual(["ann"]);
    sentAt.push(now);
  }
  const pauses = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0));
  expect(pauses.length).toBeGreaterThan(4);
  for (const pause of pauses) {
    expect(pause).toBeLessThan(TYPING_TIMEOUT_MS);
    expect(pause).toBeGreaterThanOrEqual(2_000);
  }
});

test("sends at most one line in 2 s for one user, and one more when typing ends", () => {
  const typing = new Typing();
  let lines = 0;
  for (let now = 0; now < 10_000; now += 50) {
    typing.start("ann", now);
    if (typing.takeLine(now) !== null) lines += 1;
  }
  expect(lines).toBe(5);
  typing.expire(20_000);
  expect(typing.takeLine(20_000)).toEqual({ type: "typing", users: [] });
  expect(typing.takeLine(30_000)).toBeNull();
  expect(typing.dueAt).toBeNull();
});

describe("in a room", () => {
  /** Returns the users of each typing line that `peer` received since the last call. */
  const typingUsers = (peer: TestPeer) =>
    peer.takeLines().flatMap((line) => (line.type === "typing" ? [line.users] : []));
  const userOf = (peer: TestPeer | undefined) => peer?.session?.user ?? "";

  test("sends all users who are typing, until 6 s of silence or a message", () => {
    const { room, ann, bob, peers } = roomOf(3);
    const cem = peers[2] ?? bob;
    room.receive(bob, { type: "typing", on: true });
    room.advance(1_000);
    room.receive(cem, { type: "typing", on: true });
    room.advance(1_000);
    expect(typingUsers(ann)).toEqual([[userOf(bob)], [userOf(bob), userOf(cem)].sort()]);
    room.advance(4_500);
    expect(typingUsers(ann)).toEqual([[userOf(cem)]]);
    room.exchange(cem, { type: "send", id: "a", text: "done" });
    room.advance(1_000);
    expect(typingUsers(ann)).toEqual([[]]);
  });

  test("sends at most two lines a second", () => {
    const { room, ann, bob } = roomOf(2);
    for (let i = 0; i < 100; i += 1) {
      room.receive(bob, { type: "typing", on: i % 2 === 0 });
      room.advance(20);
    }
    expect(typingUsers(ann).length).toBeLessThanOrEqual(5);
  });

  test("sends an empty list when the 51st user joins", () => {
    const { room, ann, bob } = roomOf(50);
    room.receive(bob, { type: "typing", on: true });
    room.advance(1_000);
    expect(typingUsers(ann)).toEqual([[userOf(bob)]]);
    room.join("new");
    room.advance(1_000);
    expect(typingUsers(ann)).toEqual([[]]);
  });

  test("sends nothing while more than 50 users are online", () => {
    const { room, peers } = roomOf(51);
    for (const peer of peers) room.receive(peer, { type: "typing", on: true });
    room.advance(10_000);
    expect(peers.flatMap(typingUsers)).toEqual([]);
    expect(room.dueAt).toBeNull();
  });
});

test("a user who closes one of two connections is still typing in the other", () => {
  const room = new TestRoom();
  const reader = room.join("Reader");
  const first = room.join("Ann");
  const second = room.join("Ann");
  room.advance(1_000);
  reader.take();
  room.receive(first, { type: "typing", on: true });
  room.advance(1_000);
  room.close(second);
  room.advance(1_000);
  const lines = reader.takeLines().filter((line) => line.type === "typing");
  expect(lines.map(({ users }) => users.length)).toEqual([1]);
});
