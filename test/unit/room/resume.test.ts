// Joining and resuming: exactly what was missed, or an honest no; nothing twice, and nothing of what was deleted.
import { expect, test } from "vitest";
import {
  MAX_RESUME_EVENTS,
  type RoomEvent,
  type ServerLine,
  type WelcomeLine,
} from "../../../src/protocol/index.ts";
import type { TestPeer } from "../../helpers/test-room.ts";
import { TestRoom } from "../../helpers/test-room.ts";

const send = (id: string, text = id) => ({ type: "send", id, text }) as const;

function welcomeOf(peer: TestPeer): WelcomeLine {
  const welcome = peer.takeLines().find((line) => line.type === "welcome");
  if (welcome?.type !== "welcome") throw new Error("there was no welcome");
  return welcome;
}

const seqs = (lines: readonly ServerLine[]) => lines.flatMap((line) => ("seq" in line ? [line.seq] : []));

/** A room whose log has `count` messages of Ann's, and its epoch. */
function roomWith(count: number, config = {}) {
  const room = new TestRoom(config);
  const ann = room.join("Ann");
  const { epoch } = welcomeOf(ann);
  for (let i = 1; i <= count; i += 1) {
    room.say(ann, send(`m${i}`));
    if (i % 100 === 0) room.run();
  }
  room.run();
  ann.take();
  const resume = (seq: number, other = epoch) =>
    welcomeOf(room.join("Bob", { resume: { epoch: other, seq } }));
  return { room, ann, epoch, resume };
}

for (const evicted of [false, true]) {
  const after = evicted ? ", after an eviction too" : "";

  test(`a resume gets exactly what follows its seq${after}`, () => {
    const { room, resume } = roomWith(30);
    if (evicted) room.hibernate();
    for (const seq of [0, 1, 15, 29, 30]) {
      const welcome = resume(seq);
      expect([welcome.resumed, welcome.seq]).toEqual([true, 30]);
      expect(seqs(welcome.events)).toEqual(Array.from({ length: 30 - seq }, (_, i) => seq + 1 + i));
      expect(welcome.more).toBe(seq > 0);
    }
  });

  test(`a resume across more than ${MAX_RESUME_EVENTS} events is refused, and the newest messages are given${after}`, () => {
    const { room, resume } = roomWith(MAX_RESUME_EVENTS + 10);
    if (evicted) room.hibernate();
    const welcome = resume(9);
    expect([welcome.resumed, welcome.events.length, welcome.more]).toEqual([false, 50, true]);
    const longest = resume(10);
    expect([longest.resumed, longest.events.length]).toEqual([true, MAX_RESUME_EVENTS]);
    expect(seqs(longest.events)).toEqual(Array.from({ length: MAX_RESUME_EVENTS }, (_, i) => 11 + i));
  });

  test(`a resume from before what was pruned is refused${after}`, () => {
    const { room, resume } = roomWith(25, { historyLimit: 10 });
    if (evicted) room.hibernate();
    const refused = resume(14);
    expect([refused.resumed, refused.more]).toEqual([false, false]);
    expect(seqs(refused.events)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
    const granted = resume(15);
    expect([granted.resumed, granted.more]).toEqual([true, false]);
    expect(seqs(granted.events)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
  });

  test(`the text of a deleted message is in no welcome, nor are the texts that it was edited to${after}`, () => {
    const room = new TestRoom();
    const ann = room.join("Ann");
    const { epoch } = welcomeOf(ann);
    room.ask(ann, send("a", "secret one"));
    for (let i = 0; i < 300; i += 1) room.say(ann, send(`m${i}`));
    room.run();
    // The memory of a room that has just woken begins after the message.
    if (evicted) room.hibernate();
    room.join("Bob");
    room.ask(ann, { type: "edit", id: "e1", target: 1, text: "secret two" });
    room.ask(ann, { type: "edit", id: "e2", target: 1, text: "secret three" });
    room.ask(ann, { type: "delete", id: "d", target: 1 });
    for (const seq of [0, 1, 290, 302]) {
      const bob = room.join("Bob", { resume: { epoch, seq } });
      expect(bob.frames.some((frame) => frame.includes("secret"))).toBe(false);
      expect(seqs(welcomeOf(bob).events).length).toBe(304 - seq);
    }
  });
}

test("a resume in another log, or from beyond its head, is refused", () => {
  const { resume } = roomWith(5);
  expect(resume(3, "another").resumed).toBe(false);
  expect(resume(6).resumed).toBe(false);
  expect(resume(5)).toMatchObject({ resumed: true, events: [] });
});

test("a join between two flushes sees each event once: in its welcome, or after it", () => {
  const { room, ann } = roomWith(3);
  room.say(ann, send("x"));
  const bob = room.open();
  room.say(bob, { type: "hello", history: 10 });
  room.say(ann, send("y"));
  room.run();
  const lines = bob.takeLines();
  const [welcome] = lines;
  expect(welcome).toMatchObject({ type: "welcome", seq: 3 });
  expect(welcome?.type === "welcome" && seqs(welcome.events)).toEqual([1, 2, 3]);
  expect(seqs(lines.slice(1))).toEqual([4, 5]);
});

test("a welcome without a resume has the newest messages as they stand, however many changes lie between", () => {
  const { room, ann } = roomWith(60);
  for (let i = 0; i < 300; i += 1) {
    room.say(ann, { type: "edit", id: `e${i}`, target: 60, text: `edit ${i}` });
  }
  room.run();
  for (const evicted of [false, true]) {
    if (evicted) room.hibernate();
    const welcome = welcomeOf(room.join("Bob", { history: 40 }));
    expect(seqs(welcome.events)).toEqual(Array.from({ length: 40 }, (_, i) => 21 + i));
    expect(welcome.events.at(-1)).toMatchObject({ text: "edit 299", edited: expect.any(Number) });
    expect(welcome).toMatchObject({ seq: 360, more: true });
  }
});

test("events in a welcome carry the id of their command for their author alone", () => {
  const { room, epoch } = roomWith(2);
  const idsSeenBy = (name: string, hello: object) =>
    welcomeOf(room.join(name, hello)).events.map((event: RoomEvent) => event.id);
  for (const hello of [{}, { resume: { epoch, seq: 0 } }]) {
    expect(idsSeenBy("Ann", hello)).toEqual(["m1", "m2"]);
    expect(idsSeenBy("Bob", hello)).toEqual([undefined, undefined]);
  }
});

test("who is evicted and woken goes on without a gap, and hears nothing twice", () => {
  const { room, ann } = roomWith(3);
  const bob = room.join("Bob");
  bob.take();
  ann.take();
  room.hibernate();
  room.run();
  expect([ann.take(), bob.take()]).toEqual([[], []]);
  expect(seqs(room.ask(ann, send("after")))).toEqual([4, 4]);
  expect(seqs(bob.takeLines())).toEqual([4]);
});
