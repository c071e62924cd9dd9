import { describe, expect, it } from "vitest";
import type { ServerLine } from "../../../src/protocol/index.ts";
import { TestRoom } from "../../helpers/test-room.ts";

type PresenceLine = Extract<ServerLine, { type: "presence" }>;

const presenceOf = (lines: ServerLine[]): PresenceLine[] => lines.filter((line) => line.type === "presence");

/** Lets time go by, the room doing what is due when it is due. */
function wait(room: TestRoom, ms: number): void {
  const end = room.now + ms;
  for (;;) {
    const due = room.dueAt;
    if (due === null || due > end) break;
    room.now = Math.max(room.now, due);
    room.run();
  }
  room.now = end;
  room.run();
}

describe("presence", () => {
  it("tells who came and who went, to everyone who is there", () => {
    const room = new TestRoom();
    const ann = room.join("Ann");
    wait(room, 1_000);
    ann.take();
    const bo = room.join("Bo");
    wait(room, 1_000);
    const user = bo.session?.user ?? "";
    expect(presenceOf(ann.takeLines())).toEqual([
      { type: "presence", online: 2, join: [{ user, name: "Bo" }] },
    ]);
    room.close(bo);
    wait(room, 6_000);
    expect(presenceOf(ann.takeLines())).toEqual([{ type: "presence", online: 1, leave: [user] }]);
  });

  it("is silent about a reload, and about a second window", () => {
    const room = new TestRoom();
    const ann = room.join("Ann");
    const bo = room.join("Bo");
    wait(room, 1_000);
    ann.take();
    room.close(bo);
    wait(room, 4_900);
    room.join("Bo");
    const second = room.join("Bo");
    wait(room, 10_000);
    room.close(second);
    wait(room, 10_000);
    expect(presenceOf(ann.takeLines())).toEqual([]);
    expect(room.audience.online).toBe(2);
  });

  it("gathers what happens at once into a few frames", () => {
    const room = new TestRoom();
    const ann = room.join("Ann");
    wait(room, 1_000);
    ann.take();
    for (let i = 0; i < 100; i += 1) {
      room.say(room.open(), { type: "hello", name: `guest-${i}` });
      wait(room, 2);
    }
    wait(room, 1_000);
    const told = presenceOf(ann.takeLines());
    expect(told.length).toBeLessThanOrEqual(3);
    expect(told.flatMap((line) => line.join ?? [])).toHaveLength(100);
  });

  it("is counts alone above 200 people, one frame in 2 s, and names everyone again below", () => {
    const room = new TestRoom();
    const ann = room.join("Ann");
    const crowd = Array.from({ length: 200 }, (_, i) => room.join(`guest-${i}`));
    wait(room, 3_000);
    ann.take();
    for (let i = 0; i < 20; i += 1) {
      crowd.push(room.join(`late-${i}`));
      wait(room, 100);
    }
    const counts = presenceOf(ann.takeLines());
    expect(counts.length).toBeLessThanOrEqual(2);
    for (const line of counts) expect(Object.keys(line).sort()).toEqual(["online", "type"]);
    const [welcome] = room.join("OneMore").takeLines();
    expect(welcome).toMatchObject({ type: "welcome", online: 222, members: null });
    for (const peer of crowd.slice(0, 150)) room.close(peer);
    wait(room, 10_000);
    const named = presenceOf(ann.takeLines()).at(-1);
    expect(named?.online).toBe(72);
    expect(named?.join).toHaveLength(72);
  });

  it("counts the rarer the more there are to be told: in a room of 3,000, every 3 s", () => {
    const room = new TestRoom();
    const ann = room.join("Ann");
    const crowd = Array.from({ length: 3_000 }, () => room.open("plain"));
    wait(room, 4_000);
    ann.take();
    // Someone goes every 100 ms.
    for (let gone = 0; gone < 60; gone += 1) {
      const peer = crowd.pop();
      if (peer !== undefined) room.close(peer);
      wait(room, 100);
    }
    expect(presenceOf(ann.takeLines())).toHaveLength(2);
  });

  it("names everyone to someone who came while there were too many to list, however short that was", () => {
    const room = new TestRoom();
    for (let i = 0; i < 199; i += 1) room.say(room.open(), { type: "hello", name: `guest-${i}` });
    const plain = [room.open("plain"), room.open("plain")];
    const late = room.join("Late");
    expect(late.takeLines()).toContainEqual(expect.objectContaining({ type: "welcome", members: null }));
    for (const peer of plain) room.close(peer);
    wait(room, 5_000);
    const named = presenceOf(late.takeLines()).at(-1);
    expect(named).toMatchObject({ online: 200 });
    expect(named?.join).toHaveLength(200);
  });

  it("leaves someone who is there their name where a second window brings none", () => {
    const room = new TestRoom();
    const key = "a-key-that-is-all-her-own";
    room.join("Ann", { key });
    const script = room.open();
    room.say(script, { type: "hello", key });
    room.run();
    expect(script.takeLines()[0]).toMatchObject({ type: "welcome", you: { name: "Ann" } });
  });

  it("gives all windows of a person the name that the newest came with", () => {
    const room = new TestRoom();
    const ann = room.join("Ann");
    const key = "a-key-that-is-all-her-own";
    const first = room.join("Bo", { key });
    room.join("Robert", { key });
    wait(room, 1_000);
    room.ask(first, { type: "send", id: "a", text: "hi" });
    expect(ann.takeLines()).toContainEqual(expect.objectContaining({ type: "message", name: "Robert" }));
    expect(room.audience.online).toBe(2);
  });
});

describe("typing", () => {
  const typingOf = (lines: ServerLine[]) =>
    lines.flatMap((line) => (line.type === "typing" ? [line.users] : []));

  it("tells the full list, drops who said nothing for 6 s, and ends with a message", () => {
    const room = new TestRoom();
    const [ann, bo, cy] = [room.join("Ann"), room.join("Bo"), room.join("Cy")];
    wait(room, 1_000);
    ann.take();
    const ids = [bo.session?.user ?? "", cy.session?.user ?? ""];
    room.say(bo, { type: "typing", on: true });
    wait(room, 1_000);
    room.say(cy, { type: "typing", on: true });
    wait(room, 1_000);
    expect(typingOf(ann.takeLines())).toEqual([[ids[0]], ids.toSorted()]);
    wait(room, 4_500);
    expect(typingOf(ann.takeLines())).toEqual([[ids[1]]]);
    room.ask(cy, { type: "send", id: "a", text: "done" });
    wait(room, 1_000);
    expect(typingOf(ann.takeLines())).toEqual([[]]);
  });

  it("is told at most twice a second, however often it is said", () => {
    const room = new TestRoom();
    const [ann, bo] = [room.join("Ann"), room.join("Bo")];
    wait(room, 1_000);
    ann.take();
    for (let i = 0; i < 100; i += 1) {
      room.say(bo, { type: "typing", on: i % 2 === 0 });
      wait(room, 20);
    }
    expect(typingOf(ann.takeLines()).length).toBeLessThanOrEqual(5);
  });

  it("ends for everyone when the 51st person comes", () => {
    const room = new TestRoom();
    const crowd = Array.from({ length: 50 }, (_, i) => room.join(`guest-${i}`));
    const [ann, bo] = crowd;
    if (ann === undefined || bo === undefined) throw new Error("nobody is there");
    room.say(bo, { type: "typing", on: true });
    wait(room, 1_000);
    expect(typingOf(ann.takeLines()).at(-1)).toHaveLength(1);
    room.join("OneMore");
    wait(room, 1_000);
    expect(typingOf(ann.takeLines()).at(-1)).toEqual([]);
  });

  it("is not told where over 50 are online, and never stored", () => {
    const room = new TestRoom();
    const crowd = Array.from({ length: 51 }, (_, i) => room.join(`guest-${i}`));
    wait(room, 1_000);
    for (const peer of crowd) peer.take();
    for (const peer of crowd) room.say(peer, { type: "typing", on: true });
    wait(room, 10_000);
    expect(crowd.flatMap((peer) => typingOf(peer.takeLines()))).toEqual([]);
    expect(room.dueAt).toBeNull();
  });
});

describe("a ghost", () => {
  it("is closed 4009 once nothing was heard from it for 90 s, and leaves presence", () => {
    const room = new TestRoom();
    const ann = room.join("Ann");
    const ghost = room.join("Ghost");
    expect(room.audience.needsSweep).toBe(true);
    wait(room, 60_000);
    ann.lastPing = room.now;
    wait(room, 29_000);
    const due = room.audience.sweep(room.now) ?? 0;
    expect(due).toBe(ghost.session?.heardAt === undefined ? 0 : ghost.session.heardAt + 90_000);
    wait(room, due - room.now);
    const next = room.audience.sweep(room.now);
    expect(next).toBe((ann.lastPing ?? 0) + 90_000);
    wait(room, 6_000);
    expect(ghost.closedWith).toBe(4009);
    expect(ann.closedWith).toBeUndefined();
    expect(room.audience.online).toBe(1);
    expect(room.audience.needsSweep).toBe(false);
  });

  it("is nobody who said something, nor anyone in plain mode", () => {
    const room = new TestRoom();
    const [ann, bo, plain] = [room.join("Ann"), room.join("Bo"), room.open("plain")];
    wait(room, 80_000);
    room.ask(ann, { type: "send", id: "a", text: "here" });
    bo.lastPing = room.now;
    wait(room, 20_000);
    room.audience.sweep(room.now);
    wait(room, 1_000);
    expect([ann, bo, plain].map((peer) => peer.closedWith)).toEqual([undefined, undefined, undefined]);
  });

  it("that was heard shortly before a hibernation gets its 90 s all the same", () => {
    const room = new TestRoom();
    const [ann, bo] = [room.join("Ann"), room.join("Bo")];
    wait(room, 50_000);
    room.ask(bo, { type: "send", id: "a", text: "here" });
    const heardAt = room.now;
    wait(room, 20_000);
    room.hibernate();
    ann.lastPing = room.now;
    wait(room, heardAt + 89_000 - room.now);
    room.audience.sweep(room.now);
    wait(room, 1_000);
    expect(bo.closedWith).toBeUndefined();
    wait(room, 20_000);
    ann.lastPing = room.now;
    room.audience.sweep(room.now);
    wait(room, 1_000);
    expect(bo.closedWith).toBe(4009);
  });

  it("alone with nobody, or with plain sockets only, is not looked for", () => {
    const room = new TestRoom();
    room.join("Ann");
    room.open("plain");
    room.open("plain");
    expect(room.audience.needsSweep).toBe(false);
    wait(room, 100_000);
    expect(room.audience.sweep(room.now)).toBeNull();
  });
});

describe("a quiet room", () => {
  it("of 100 people who ping is woken by the sweep alone, at most once in 65 s", () => {
    const room = new TestRoom();
    const peers = Array.from({ length: 100 }, (_, i) => room.join(`guest-${i}`));
    wait(room, 10_000);
    expect(room.dueAt).toBeNull();
    const start = room.now;
    // Each pings every 25 s, at a time of its own within them.
    const lastPing = (index: number) => Math.floor((room.now - index * 250) / 25_000) * 25_000 + index * 250;
    let sweeps = 0;
    for (let at: number | null = room.now + 90_000; at !== null && at < start + 3_600_000; sweeps += 1) {
      room.now = at;
      room.hibernate();
      for (const [index, peer] of peers.entries()) peer.lastPing = lastPing(index);
      at = room.audience.sweep(room.now);
      wait(room, 0);
      expect(room.dueAt).toBeNull();
    }
    expect(sweeps).toBeLessThanOrEqual(3_600 / 65);
    expect(peers.every((peer) => peer.closedWith === undefined)).toBe(true);
  });
});

describe("a slow reader", () => {
  it("is closed 4008 instead of being sent more, and the others get everything", () => {
    const room = new TestRoom();
    const [ann, slow] = [room.join("Ann"), room.join("Slow")];
    wait(room, 1_000);
    ann.take();
    slow.take();
    slow.buffered = 1024 * 1024;
    room.ask(ann, { type: "send", id: "a", text: "one" });
    expect(slow.takeLines()).toMatchObject([{ type: "message", text: "one" }]);
    slow.buffered += 1;
    const answers = room.ask(ann, { type: "send", id: "b", text: "two" });
    expect(answers).toMatchObject([{ type: "ok" }, { type: "message", text: "two" }]);
    expect(slow.closedWith).toBe(4008);
    expect(slow.take()).toEqual([]);
  });
});
