// Pacing: no flush starts before the last one has drained.
import fc from "fast-check";
import { expect, test } from "vitest";
import { roomOf, type TestPeer } from "../../helpers/test-room.ts";

const send = (n: number) => ({ type: "send", id: `m${n}`, text: `text ${n}` }) as const;

/** Returns the texts of the messages that `peer` received since the last call. */
const takeTexts = (peer: TestPeer) =>
  peer.takeLines().flatMap((line) => (line.type === "message" ? [line.text] : []));

test("sends each message at once in a small room", () => {
  const { room, peers, ann } = roomOf(10);
  for (const n of [1, 2, 3]) {
    room.receive(ann, send(n));
    room.step();
    expect(room.pacing.isDraining).toBe(false);
    for (const peer of peers) expect(takeTexts(peer)).toEqual([`text ${n}`]);
  }
});

test("sends messages that arrive while a flush drains in one frame after it", () => {
  const { room, peers, ann } = roomOf(30);
  room.receive(ann, send(1));
  room.step();
  for (const peer of peers) expect(takeTexts(peer)).toEqual(["text 1"]);

  for (const n of [2, 3, 4]) {
    room.receive(ann, send(n));
    room.now += 1_000;
    room.step();
  }
  expect(room.dueAt).toBeNull();
  for (const peer of peers) expect(peer.frames).toEqual([]);

  room.pacing.drained();
  expect(room.dueAt).not.toBeNull();
  room.step();
  for (const peer of peers) {
    expect(peer.frames).toHaveLength(1);
    expect(takeTexts(peer)).toEqual(["text 2", "text 3", "text 4"]);
  }
});

test("has nothing due after the last flush has drained", () => {
  const { room, ann } = roomOf(30);
  room.receive(ann, send(1));
  room.step();
  room.pacing.drained();
  room.step();
  expect(room.dueAt).toBeNull();
});

test("pauses after a flush for each socket opened since, at most 250 ms", () => {
  const { room, ann } = roomOf(30);
  const { pacing } = room;
  pacing.takePause();
  room.receive(ann, send(1));
  room.step();
  expect(pacing.takePause()).toBe(0);
  room.open();
  const pauseForOne = pacing.takePause();
  expect(pauseForOne).toBeGreaterThan(0);
  expect(pacing.takePause()).toBe(0);
  for (let i = 0; i < 3; i += 1) room.open();
  expect(pacing.takePause()).toBe(3 * pauseForOne);
  for (let i = 0; i < 1_000; i += 1) room.open();
  expect(pacing.takePause()).toBe(250);
});

test("does not pause for sockets opened before a small flush", () => {
  const { room, ann } = roomOf(30);
  const { pacing } = room;
  pacing.takePause();
  room.open();
  room.receive(ann, { type: "ping" });
  room.step();
  expect(pacing.isDraining).toBe(false);
  expect(pacing.takePause()).toBe(0);
});

test("delivers each message once and in order, for any order of flushes and drains", () => {
  const step = fc.constantFrom("send", "run", "drained");
  fc.assert(
    fc.property(fc.constantFrom(3, 25), fc.array(step, { maxLength: 60 }), (count, steps) => {
      const { room, peers, ann } = roomOf(count);
      let sent = 0;
      for (const action of steps) {
        if (action === "send") {
          sent += 1;
          room.receive(ann, send(sent));
        } else if (action === "drained") {
          room.pacing.drained();
        } else {
          const { isDraining } = room.pacing;
          const frames = ann.frames.length;
          room.step();
          if (isDraining) expect(ann.frames.length).toBe(frames);
        }
      }
      room.run();
      room.run();
      const expected = Array.from({ length: sent }, (_, i) => `text ${i + 1}`);
      for (const peer of peers) expect(takeTexts(peer)).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});
