// Joining and resuming: what a welcome contains.
import { describe, expect, test } from "vitest";
import {
  MAX_RESUME_EVENTS,
  MAX_RESUME_LENGTH,
  type ServerLine,
  type WelcomeLine,
} from "../../../src/protocol/index.ts";
import { parseFrame, type TestPeer, TestRoom } from "../../helpers/test-room.ts";

const send = (id: string, text = id) => ({ type: "send", id, text }) as const;

function takeWelcome(peer: TestPeer): WelcomeLine {
  const welcome = peer.takeLines().find((line) => line.type === "welcome");
  if (welcome === undefined) throw new Error("there is no welcome");
  return welcome;
}

const seqs = (lines: readonly ServerLine[]) => lines.flatMap((line) => ("seq" in line ? [line.seq] : []));
/** Returns `first`, `first + 1` and so on to `last`. */
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** Returns a room with `count` messages of Ann's, and a function that resumes after a seq. */
function roomWith(count: number, config = {}) {
  const room = new TestRoom(config);
  const ann = room.join("Ann");
  const { epoch } = takeWelcome(ann);
  for (let i = 1; i <= count; i += 1) {
    room.receive(ann, send(`m${i}`));
    if (i % 100 === 0) room.run();
  }
  room.run();
  ann.take();
  const resume = (seq: number, from = epoch) =>
    takeWelcome(room.join("Bob", { resume: { epoch: from, seq } }));
  return { room, ann, epoch, resume };
}

describe.each([
  ["in an awake room", () => {}],
  ["after a hibernation", (room: TestRoom) => room.hibernate()],
])("%s", (_, prepare) => {
  test("resumes with exactly the events after the seq", () => {
    const { room, resume } = roomWith(30);
    prepare(room);
    for (const seq of [0, 1, 15, 29, 30]) {
      const welcome = resume(seq);
      expect([welcome.resumed, welcome.seq]).toEqual([true, 30]);
      expect(seqs(welcome.events)).toEqual(range(seq + 1, 30));
      expect(welcome.more).toBe(seq > 0);
    }
  });

  test(`rejects a resume over more than ${MAX_RESUME_EVENTS} events and sends the newest messages`, () => {
    const { room, resume } = roomWith(MAX_RESUME_EVENTS + 10);
    prepare(room);
    const rejected = resume(9);
    expect([rejected.resumed, rejected.events.length, rejected.more]).toEqual([false, 50, true]);
    const longest = resume(10);
    expect(longest.resumed).toBe(true);
    expect(seqs(longest.events)).toEqual(range(11, MAX_RESUME_EVENTS + 10));
  });

  test("rejects a resume from before the pruned events", () => {
    const { room, resume } = roomWith(25, { historyLimit: 10 });
    prepare(room);
    const rejected = resume(14);
    expect([rejected.resumed, rejected.more]).toEqual([false, false]);
    expect(seqs(rejected.events)).toEqual(range(16, 25));
    const accepted = resume(15);
    expect([accepted.resumed, accepted.more]).toEqual([true, false]);
    expect(seqs(accepted.events)).toEqual(range(16, 25));
  });

  test("sends no text of a deleted message, not even in its edits", () => {
    const room = new TestRoom();
    const ann = room.join("Ann");
    const { epoch } = takeWelcome(ann);
    room.exchange(ann, send("a", "secret one"));
    for (let i = 0; i < 300; i += 1) room.receive(ann, send(`m${i}`));
    room.run();
    // After a hibernation the recent events begin after the message.
    prepare(room);
    room.join("Bob");
    room.exchange(ann, { type: "edit", id: "e1", target: 1, text: "secret two" });
    room.exchange(ann, { type: "edit", id: "e2", target: 1, text: "secret three" });
    room.exchange(ann, { type: "delete", id: "d", target: 1 });
    for (const seq of [0, 1, 290, 302]) {
      const bob = room.join("Bob", { resume: { epoch, seq } });
      expect(bob.frames.join("\n")).not.toContain("secret");
      expect(seqs(takeWelcome(bob).events)).toEqual(range(seq + 1, 304));
    }
  });
});

test("rejects a resume from another epoch or from a seq beyond the head", () => {
  const { resume } = roomWith(5);
  expect(resume(3, "another").resumed).toBe(false);
  expect(resume(6).resumed).toBe(false);
  expect(resume(5)).toMatchObject({ resumed: true, events: [] });
});

test("sends an event that is committed after a join once, after the welcome", () => {
  const { room, ann } = roomWith(3);
  room.receive(ann, send("x"));
  const bob = room.open();
  room.receive(bob, { type: "hello", history: 10 });
  room.receive(ann, send("y"));
  room.run();
  const [welcome, ...later] = bob.takeLines();
  expect(welcome).toMatchObject({ type: "welcome", seq: 3 });
  expect(welcome?.type === "welcome" && seqs(welcome.events)).toEqual([1, 2, 3]);
  expect(seqs(later)).toEqual([4, 5]);
});

test("sends the newest messages with all changes applied, also after many changes", () => {
  const { room, ann } = roomWith(60);
  for (let i = 0; i < 300; i += 1) {
    room.receive(ann, { type: "edit", id: `e${i}`, target: 60, text: `edit ${i}` });
  }
  room.run();
  for (const hibernates of [false, true]) {
    if (hibernates) room.hibernate();
    const welcome = takeWelcome(room.join("Bob", { history: 40 }));
    expect(seqs(welcome.events)).toEqual(range(21, 60));
    expect(welcome.events.at(-1)).toMatchObject({ text: "edit 299", edited: expect.any(Number) });
    expect(welcome).toMatchObject({ seq: 360, more: true });
  }
});

test("sends the id of a command to its author only", () => {
  const { room, epoch } = roomWith(2);
  for (const hello of [{}, { resume: { epoch, seq: 0 } }]) {
    const ids = (name: string) =>
      takeWelcome(room.join(name, hello)).events.map((event) => ("id" in event ? event.id : undefined));
    expect(ids("Ann")).toEqual(["m1", "m2"]);
    expect(ids("Bob")).toEqual([undefined, undefined]);
  }
});

test("continues after a hibernation without a gap, a repetition or a presence line", () => {
  const { room, ann } = roomWith(3);
  const bob = room.join("Bob");
  bob.take();
  ann.take();
  room.hibernate();
  room.run();
  expect([ann.take(), bob.take()]).toEqual([[], []]);
  expect(seqs(room.exchange(ann, send("after")))).toEqual([4, 4]);
  expect(seqs(bob.takeLines())).toEqual([4]);
});

test("a welcome of long messages is bounded and says that there is more", () => {
  const room = new TestRoom();
  const ann = room.join("Ann");
  // Each quote takes two characters in JSON.
  for (let i = 0; i < 100; i += 1) room.exchange(ann, { type: "send", id: `m${i}`, text: '"'.repeat(8_192) });
  const [frame = ""] = room.join("Bob", { history: 100 }).take();
  expect(frame.length).toBeLessThan(MAX_RESUME_LENGTH + 30_000);
  const [welcome] = parseFrame(frame);
  expect(welcome).toMatchObject({ type: "welcome", more: true });
  expect(welcome?.type === "welcome" && welcome.events.at(-1)?.seq).toBe(100);
});
