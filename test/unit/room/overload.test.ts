// Overload: commands come faster than the room can tell everyone; who sends is slowed, and nothing acknowledged is lost.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type TestPeer, TestRoom } from "../../helpers/test-room.ts";

/** Text that all readers of one flush are sent together, at the most; the lines' own parts come on top. */
const MAX_FAN_OUT = 64 * 1024 * 1024;

function roomOf(count: number): { room: TestRoom; peers: TestPeer[] } {
  const room = new TestRoom();
  const peers = Array.from({ length: count }, (_, i) => room.join(`P${i}`));
  room.now += 10_000;
  room.run();
  for (const peer of peers) peer.take();
  return { room, peers };
}

const isDue = ({ dueAt, now }: TestRoom) => dueAt !== null && dueAt <= now;

/** Lets everything leave. */
function settle(room: TestRoom): void {
  room.run();
  while (isDue(room)) room.run();
}

const send = (id: string, length: number) => ({ type: "send", id, text: "x".repeat(length) }) as const;

/** Ids by what the room answered to them. */
function answers(peer: TestPeer) {
  const lines = peer.takeLines();
  const ids = (type: "ok" | "error") => lines.flatMap((line) => (line.type === type ? [line.id] : []));
  return {
    ok: ids("ok"),
    error: ids("error"),
    messages: lines.filter(({ type }) => type === "message").length,
    lines,
  };
}

test("while nothing can leave, what waits stays bounded, and the rest is asked to come again", () => {
  const { room, peers } = roomOf(1_000);
  const [ann, bob] = peers;
  if (ann === undefined || bob === undefined) throw new Error("there are peers");
  room.say(ann, send("first", 10));
  room.step();
  ann.take();
  bob.take();
  const ids = Array.from({ length: 200 }, (_, i) => `m${i}`);
  for (const id of ids) {
    room.say(ann, send(id, 8_000));
    room.step();
  }

  const ok: unknown[] = [];
  const refused: unknown[] = [];
  let flushes = 0;
  for (room.pacing.drained(); isDue(room); room.pacing.drained()) {
    room.step();
    flushes += 1;
    const [frame = ""] = bob.take();
    expect(frame.length * peers.length).toBeLessThan(1.2 * MAX_FAN_OUT);
    const { lines } = answers(ann);
    for (const line of lines) {
      if (line.type === "ok") ok.push(line.id);
      if (line.type !== "error") continue;
      expect(line).toMatchObject({ code: "rate_limited", retryAfter: 1_000 });
      refused.push(line.id);
    }
  }
  expect(flushes).toBeLessThanOrEqual(9);
  expect(ok.length).toBeGreaterThan(0);
  expect([...ok, ...refused].toSorted()).toEqual(ids.toSorted());
  // Nobody is thrown out for what the room could not take.
  expect(ann.closedWith).toBeUndefined();
});

test("who goes on regardless is closed, so that the runtime need not hold what they send", () => {
  const { room, peers } = roomOf(30);
  const [ann, bob] = peers;
  const plain = room.open("plain");
  if (ann === undefined || bob === undefined) throw new Error("there are peers");
  room.run();
  for (let i = 0; i < 1_000; i += 1) {
    room.say(ann, send(`m${i}`, 8_000));
    room.sayRaw(plain, "x".repeat(8_000));
  }
  room.say(bob, send("one", 10));
  settle(room);
  expect([ann.closedWith, plain.closedWith, bob.closedWith]).toEqual([4029, 4029, undefined]);
  const { ok, error, messages } = answers(ann);
  expect(error).toHaveLength(201);
  expect(ok.length).toBeLessThan(messages);
});

test("a plain sender is told too", () => {
  const { room } = roomOf(30);
  const plain = room.open("plain");
  room.run();
  plain.take();
  room.sayRaw(plain, "first");
  room.step();
  plain.take();
  for (let i = 0; i < 300; i += 1) room.sayRaw(plain, "x".repeat(8_000));
  settle(room);
  const lines = plain.take().flatMap((frame) => frame.split("\n"));
  const refused = lines.filter((line) => line.startsWith("* not sent: "));
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length + lines.filter((line) => line.startsWith("xxx")).length).toBe(300);
});

test("whatever comes in whatever waves, each command is answered once, and what is acknowledged is everyone's", () => {
  const wave = fc.record({ commands: fc.integer({ min: 0, max: 60 }), drains: fc.boolean() });
  fc.assert(
    fc.property(fc.array(wave, { maxLength: 8 }), (waves) => {
      const { room, peers } = roomOf(25);
      const [ann, bob] = peers;
      if (ann === undefined || bob === undefined) throw new Error("there are peers");
      let sent = 0;
      for (const { commands, drains } of waves) {
        for (let i = 0; i < commands; i += 1, sent += 1) room.say(ann, send(`m${sent}`, 8_000));
        if (drains) room.pacing.drained();
        room.step();
      }
      settle(room);
      const { ok, error } = answers(ann);
      expect(ok.length + error.length).toBe(sent);
      expect(answers(bob).messages).toBe(ok.length);
      expect(room.store.table("messages")).toHaveLength(ok.length);
    }),
    { numRuns: 10 },
  );
});
