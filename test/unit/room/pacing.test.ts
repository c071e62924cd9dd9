// Pacing: no flush starts before the last one has left, and what waits meanwhile goes out in one frame.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type TestPeer, TestRoom } from "../../helpers/test-room.ts";

/** A room of `count` members who have read what came of their joining. */
function roomOf(count: number): { room: TestRoom; peers: TestPeer[]; ann: TestPeer } {
  const room = new TestRoom();
  const peers = Array.from({ length: count }, (_, i) => room.join(`P${i}`));
  room.now += 10_000;
  room.run();
  for (const peer of peers) peer.take();
  const [ann] = peers;
  if (ann === undefined) throw new Error("there is a peer");
  return { room, peers, ann };
}

const send = (n: number) => ({ type: "send", id: `m${n}`, text: `text ${n}` }) as const;

const texts = (peer: TestPeer) =>
  peer.takeLines().flatMap((line) => (line.type === "message" ? [line.text] : []));

test("in a small room each message goes out as it comes", () => {
  const { room, peers, ann } = roomOf(10);
  for (const n of [1, 2, 3]) {
    room.say(ann, send(n));
    room.step();
    expect(room.pacing.isDraining).toBe(false);
    for (const peer of peers) expect(texts(peer)).toEqual([`text ${n}`]);
  }
});

test("in a large room what comes while a flush leaves goes out together once it has left", () => {
  const { room, peers, ann } = roomOf(30);
  room.say(ann, send(1));
  room.step();
  for (const peer of peers) expect(texts(peer)).toEqual(["text 1"]);

  for (const n of [2, 3, 4]) {
    room.say(ann, send(n));
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
    expect(texts(peer)).toEqual(["text 2", "text 3", "text 4"]);
  }
});

test("a room that has nothing more to say waits for nothing once its flush has left", () => {
  const { room, ann } = roomOf(30);
  room.say(ann, send(1));
  room.step();
  room.pacing.drained();
  room.step();
  expect(room.dueAt).toBeNull();
});

test("after a flush the room rests for those who came since it last did, a quarter of a second at most, and else not at all", () => {
  const { room, ann } = roomOf(30);
  const { pacing } = room;
  pacing.takePause();
  room.say(ann, send(1));
  room.step();
  expect(pacing.takePause()).toBe(0);
  room.open();
  const forOne = pacing.takePause();
  expect(forOne).toBeGreaterThan(0);
  expect(pacing.takePause()).toBe(0);
  for (let i = 0; i < 3; i += 1) room.open();
  expect(pacing.takePause()).toBe(3 * forOne);
  for (let i = 0; i < 1_000; i += 1) room.open();
  expect(pacing.takePause()).toBe(250);
});

test("who comes while the room flushes to a few is not rested for later", () => {
  const { room, ann } = roomOf(30);
  const { pacing } = room;
  pacing.takePause();
  pacing.drained();
  room.open();
  room.say(ann, { type: "ping" });
  room.step();
  expect(pacing.isDraining).toBe(false);
  expect(pacing.takePause()).toBe(0);
});

test("whatever the runtime does when, everyone gets every message once, in order", () => {
  const step = fc.constantFrom("say", "run", "drained");
  fc.assert(
    fc.property(fc.constantFrom(3, 25), fc.array(step, { maxLength: 60 }), (count, steps) => {
      const { room, peers, ann } = roomOf(count);
      let said = 0;
      for (const what of steps) {
        if (what === "say") {
          said += 1;
          room.say(ann, send(said));
        } else if (what === "drained") {
          room.pacing.drained();
        } else {
          const mayFlush = !room.pacing.isDraining;
          const frames = ann.frames.length;
          room.step();
          if (!mayFlush) expect(ann.frames.length).toBe(frames);
        }
      }
      room.run();
      room.run();
      const expected = Array.from({ length: said }, (_, i) => `text ${i + 1}`);
      for (const peer of peers) expect(texts(peer)).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});
