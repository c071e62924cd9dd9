import fc from "fast-check";
import { expect, it } from "vitest";
import { parseServerLine, splitLines } from "../../../src/protocol/index.ts";
import { type TestPeer, TestRoom } from "../../helpers/test-room.ts";

/** Who one reader believes to be there, made of its welcome and of every presence line since. */
class Reader {
  readonly peer: TestPeer;
  readonly believed = new Map<string, string>();
  readonly left: { user: string; at: number }[] = [];

  constructor(peer: TestPeer) {
    this.peer = peer;
  }

  read(now: number): void {
    for (const line of this.peer.take().flatMap(splitLines).map(parseServerLine)) {
      if (line?.type === "welcome") {
        this.believed.clear();
        for (const { user, name } of line.members ?? []) this.believed.set(user, name);
      } else if (line?.type === "presence") {
        for (const { user, name } of line.join ?? []) this.believed.set(user, name);
        for (const user of line.leave ?? []) {
          this.believed.delete(user);
          this.left.push({ user, at: now });
        }
        expect(line.online).toBe(this.believed.size);
      }
    }
  }
}

const NAMES = ["Ann", "Bo", "Cy", "Di", "Ed", "Flo"];

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("join" as const), who: fc.nat(NAMES.length - 1) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("leave" as const), which: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("ghost" as const), which: fc.nat(30) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("rename" as const),
      which: fc.nat(30),
      name: fc.constantFrom("X", "Y"),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 50, 300, 2_000, 4_999, 5_000, 7_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("hibernate" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A room, its readers, and when each person last had a socket. */
class World {
  readonly room = new TestRoom();
  readers: Reader[] = [];
  readonly goneAt = new Map<string, number>();
  #ids = 0;

  advance(ms: number): void {
    const end = this.room.now + ms;
    for (let due = this.room.dueAt; due !== null && due <= end; due = this.room.dueAt) {
      this.room.now = Math.max(this.room.now, due);
      this.room.run();
      this.#readAll();
    }
    this.room.now = end;
    this.room.run();
    this.#readAll();
  }

  run(action: Step): void {
    const { room } = this;
    switch (action.do) {
      case "join":
        this.readers.push(new Reader(room.join(NAMES[action.who] ?? "")));
        break;
      case "leave":
        this.#close(this.#pick(action.which));
        break;
      case "ghost": {
        const ghost = this.#pick(action.which);
        for (const { peer } of this.readers) peer.lastPing = peer === ghost?.peer ? null : room.now + 100_000;
        this.advance(100_000);
        if (room.audience.needsSweep) room.audience.sweep(room.now);
        this.advance(0);
        if (ghost?.peer.closedWith === 4009) this.#close(ghost);
        break;
      }
      case "rename": {
        const reader = this.#pick(action.which);
        this.#ids += 1;
        if (reader) room.say(reader.peer, { type: "rename", id: `r${this.#ids}`, name: action.name });
        break;
      }
      case "wait":
        this.advance(action.ms);
        break;
      case "hibernate":
        // A room with a timer pending does not hibernate.
        this.advance(8_000);
        expect(room.dueAt).toBeNull();
        room.hibernate();
        break;
      case "crash":
        room.crash();
        this.readers = [];
        this.goneAt.clear();
        break;
    }
    this.advance(0);
  }

  /** What everyone must believe once nothing is pending any more. */
  settled(): void {
    this.advance(8_000);
    const there = new Set(this.readers.map(({ peer }) => peer.session?.user));
    expect(this.room.audience.online).toBe(there.size);
    for (const { believed, peer } of this.readers) {
      expect(new Set(believed.keys())).toEqual(there);
      for (const other of this.readers) {
        expect(believed.get(other.peer.session?.user ?? "")).toBe(other.peer.session?.name);
      }
      expect(peer.closedWith).toBeUndefined();
    }
  }

  #pick(which: number): Reader | undefined {
    return this.readers.length === 0 ? undefined : this.readers[which % this.readers.length];
  }

  #close(reader: Reader | undefined): void {
    if (reader === undefined) return;
    this.readers = this.readers.filter((other) => other !== reader);
    const user = reader.peer.session?.user ?? "";
    if (!this.readers.some(({ peer }) => peer.session?.user === user)) this.goneAt.set(user, this.room.now);
    this.room.close(reader.peer);
  }

  #readAll(): void {
    for (const reader of this.readers) {
      const before = reader.left.length;
      reader.read(this.room.now);
      for (const { user, at } of reader.left.slice(before)) {
        // Nobody is seen to leave who is there, or who was there within the last 5 s.
        expect(this.readers.some(({ peer }) => peer.session?.user === user)).toBe(false);
        expect(at - (this.goneAt.get(user) ?? at)).toBeGreaterThanOrEqual(5_000);
      }
    }
  }
}

it("presence shows no ghost, no double and nobody who left, whatever people do (10,000 steps)", () => {
  let steps = 0;
  const story = fc.array(step, { minLength: 50, maxLength: 80, size: "max" });
  fc.assert(
    fc.property(story, (actions) => {
      const world = new World();
      for (const action of actions) world.run(action);
      world.settled();
      steps += actions.length;
    }),
    { numRuns: 200 },
  );
  expect(steps).toBeGreaterThanOrEqual(10_000);
});
