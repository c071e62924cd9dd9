// Overload: commands arrive faster than the room can send their events to all readers.
import fc from "fast-check";
import { expect, test } from "vitest";
import { roomOf, type TestPeer, type TestRoom } from "../../helpers/test-room.ts";

/** Largest text of one flush, times its readers, in UTF-16 units. The rest of each line is not counted. */
const MAX_FAN_OUT = 64 * 1024 * 1024;

const isDue = ({ dueAt, now }: TestRoom) => dueAt !== null && dueAt <= now;

/** Runs the room until nothing is due. Every flush drains at once. */
function settle(room: TestRoom): void {
  room.run();
  while (isDue(room)) room.run();
}

const send = (id: string, length: number) => ({ type: "send", id, text: "x".repeat(length) }) as const;

/** Takes the lines of a peer: the ids of its accepted and rejected commands, the errors, and the messages. */
function takeAnswers(peer: TestPeer) {
  const lines = peer.takeLines();
  const errors = lines.filter((line) => line.type === "error");
  return {
    accepted: lines.flatMap((line) => (line.type === "ok" ? [line.id] : [])),
    rejected: errors.map(({ id }) => id),
    errors,
    messages: lines.filter(({ type }) => type === "message").length,
  };
}

test("bounds the waiting commands and rejects the rest while a flush drains", () => {
  const { room, peers, ann, bob } = roomOf(1_000);
  room.receive(ann, send("first", 10));
  room.step();
  ann.take();
  bob.take();
  const ids = Array.from({ length: 200 }, (_, i) => `m${i}`);
  for (const id of ids) {
    room.receive(ann, send(id, 8_000));
    room.step();
  }

  const accepted: unknown[] = [];
  const rejected: unknown[] = [];
  let flushes = 0;
  for (room.pacing.drained(); isDue(room); room.pacing.drained()) {
    room.step();
    flushes += 1;
    const [frame = ""] = bob.take();
    expect(frame.length * peers.length).toBeLessThan(1.2 * MAX_FAN_OUT);
    const answers = takeAnswers(ann);
    for (const error of answers.errors)
      expect(error).toMatchObject({ code: "rate_limited", retryAfter: 1_000 });
    accepted.push(...answers.accepted);
    rejected.push(...answers.rejected);
  }
  expect(flushes).toBeLessThanOrEqual(9);
  expect(accepted.length).toBeGreaterThan(0);
  expect([...accepted, ...rejected].sort()).toEqual(ids.toSorted());
  expect(ann.closedWith).toBeUndefined();
});

test("disconnects a sender that continues after many rejections", () => {
  const { room, ann, bob } = roomOf(30);
  const plain = room.open("plain");
  room.run();
  for (let i = 0; i < 1_000; i += 1) {
    room.receive(ann, send(`m${i}`, 8_000));
    room.receiveFrame(plain, "x".repeat(8_000));
  }
  room.receive(bob, send("one", 10));
  settle(room);
  expect([ann.closedWith, plain.closedWith, bob.closedWith]).toEqual([4029, 4029, undefined]);
  const { accepted, rejected, messages } = takeAnswers(ann);
  expect(rejected).toHaveLength(201);
  // The others are messages of the plain connection.
  expect(accepted.length).toBeLessThan(messages);
});

test("sends a sender in plain mode one notice for each rejected text", () => {
  const { room } = roomOf(30);
  const plain = room.open("plain");
  room.run();
  room.receiveFrame(plain, "first");
  room.step();
  plain.take();
  for (let i = 0; i < 300; i += 1) room.receiveFrame(plain, "x".repeat(8_000));
  settle(room);
  const lines = plain.take().flatMap((frame) => frame.split("\n"));
  const notices = lines.filter((line) => line.startsWith("* not sent: "));
  expect(notices.length).toBeGreaterThan(0);
  expect(notices.length + lines.filter((line) => line.startsWith("xxx")).length).toBe(300);
});

test("answers each command once and delivers each accepted one, in random bursts", () => {
  const burst = fc.record({ commands: fc.integer({ min: 0, max: 60 }), drains: fc.boolean() });
  fc.assert(
    fc.property(fc.array(burst, { maxLength: 8 }), (bursts) => {
      const { room, ann, bob } = roomOf(25);
      let sent = 0;
      for (const { commands, drains } of bursts) {
        for (let i = 0; i < commands; i += 1, sent += 1) room.receive(ann, send(`m${sent}`, 8_000));
        if (drains) room.pacing.drained();
        room.step();
      }
      settle(room);
      const { accepted, rejected } = takeAnswers(ann);
      expect(accepted.length + rejected.length).toBe(sent);
      expect(takeAnswers(bob).messages).toBe(accepted.length);
      expect(room.store.table("messages")).toHaveLength(accepted.length);
    }),
    { numRuns: 10 },
  );
});
