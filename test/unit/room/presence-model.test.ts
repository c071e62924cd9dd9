// The presence lines of a room, compared with the users that are connected.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type TestPeer, TestRoom } from "../../helpers/test-room.ts";

/** Reader computes who is online from a welcome and the presence lines after it. */
class Reader {
  readonly peer: TestPeer;
  /** Names by user. */
  readonly online = new Map<string, string>();
  readonly leaves: { user: string; at: number }[] = [];

  constructor(peer: TestPeer) {
    this.peer = peer;
  }

  get user(): string {
    return this.peer.session?.user ?? "";
  }

  read(now: number): void {
    for (const line of this.peer.takeLines()) {
      if (line.type === "welcome") {
        this.online.clear();
        for (const { user, name } of line.members ?? []) this.online.set(user, name);
      } else if (line.type === "presence") {
        for (const { user, name } of line.join ?? []) this.online.set(user, name);
        for (const user of line.leave ?? []) {
          this.online.delete(user);
          this.leaves.push({ user, at: now });
        }
        expect(line.online).toBe(this.online.size);
      }
    }
  }
}

const NAMES = ["Ann", "Bob", "Cem", "Dai", "Eve", "Fay"];

const type = <T extends string>(value: T) => fc.constant(value);
const reader = fc.nat(30);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: type("join"), name: fc.constantFrom(...NAMES) }) },
  { weight: 5, arbitrary: fc.record({ type: type("leave"), reader }) },
  { weight: 2, arbitrary: fc.record({ type: type("vanish"), reader }) },
  { weight: 1, arbitrary: fc.record({ type: type("rename"), reader, name: fc.constantFrom("X", "Y") }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: type("wait"),
      ms: fc.constantFrom(1, 50, 300, 2_000, 4_999, 5_000, 7_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: type("hibernate") }) },
  { weight: 1, arbitrary: fc.record({ type: type("crash") }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** PresenceRun is a room with its readers, and the time at which each user lost the last connection. */
class PresenceRun {
  readonly room = new TestRoom();
  readers: Reader[] = [];
  readonly goneAt = new Map<string, number>();
  #ids = 0;

  run(action: Step): void {
    const { room } = this;
    switch (action.type) {
      case "join":
        this.readers.push(new Reader(room.join(action.name)));
        break;
      case "leave":
        this.#close(this.#pick(action.reader));
        break;
      case "vanish": {
        const stale = this.#pick(action.reader);
        for (const { peer } of this.readers) peer.lastPing = peer === stale?.peer ? null : room.now + 100_000;
        this.#advance(100_000);
        if (room.audience.needsSweep) room.audience.sweep(room.now);
        this.#advance(0);
        if (stale?.peer.closedWith === 4009) this.#close(stale);
        break;
      }
      case "rename": {
        const renamed = this.#pick(action.reader);
        this.#ids += 1;
        if (renamed) room.receive(renamed.peer, { type: "rename", id: `r${this.#ids}`, name: action.name });
        break;
      }
      case "wait":
        this.#advance(action.ms);
        break;
      case "hibernate":
        // A room with a pending timer does not hibernate.
        this.#advance(8_000);
        expect(room.dueAt).toBeNull();
        room.hibernate();
        break;
      case "crash":
        room.crash();
        this.readers = [];
        this.goneAt.clear();
        break;
    }
    this.#advance(0);
  }

  /** Checks that each reader has the connected users and their names once nothing is due any more. */
  checkSettled(): void {
    this.#advance(8_000);
    const connected = new Map(this.readers.map(({ user, peer }) => [user, peer.session?.name]));
    expect(this.room.audience.online).toBe(connected.size);
    for (const { online, peer } of this.readers) {
      expect(online).toEqual(connected);
      expect(peer.closedWith).toBeUndefined();
    }
  }

  #advance(ms: number): void {
    this.room.advance(ms, () => this.#readAll());
  }

  #pick(index: number): Reader | undefined {
    return this.readers.length === 0 ? undefined : this.readers[index % this.readers.length];
  }

  #close(closed: Reader | undefined): void {
    if (closed === undefined) return;
    this.readers = this.readers.filter((other) => other !== closed);
    if (!this.#isConnected(closed.user)) this.goneAt.set(closed.user, this.room.now);
    this.room.close(closed.peer);
  }

  #isConnected(user: string): boolean {
    return this.readers.some((other) => other.user === user);
  }

  #readAll(): void {
    for (const each of this.readers) {
      const count = each.leaves.length;
      each.read(this.room.now);
      for (const { user, at } of each.leaves.slice(count)) {
        expect(this.#isConnected(user)).toBe(false);
        // A user stays present for 5 s after the last connection closed.
        expect(at - (this.goneAt.get(user) ?? at)).toBeGreaterThanOrEqual(5_000);
      }
    }
  }
}

test("every reader has exactly the connected users, in 10,000 random steps", () => {
  let count = 0;
  const steps = fc.array(step, { minLength: 50, maxLength: 80, size: "max" });
  fc.assert(
    fc.property(steps, (actions) => {
      const run = new PresenceRun();
      for (const action of actions) run.run(action);
      run.checkSettled();
      count += actions.length;
    }),
    { numRuns: 200 },
  );
  expect(count).toBeGreaterThanOrEqual(10_000);
});
