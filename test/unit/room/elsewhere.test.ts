// What the objects of one room know of each other's connections.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Member } from "../../../src/protocol/index.ts";
import { type Elsewhere, isSameElsewhere, NOTHING_HERE, sumElsewhere } from "../../../src/room/elsewhere.ts";
import { Presence } from "../../../src/room/presence.ts";
import { Typing } from "../../../src/room/typing.ts";

/** Returns a part with so many users, whose ids begin with `prefix`. */
function part(prefix: string, count: number): Elsewhere {
  const members: Member[] = Array.from({ length: count }, (_, n) => ({ user: `${prefix}${n}`, name: "N" }));
  return { ...NOTHING_HERE, connections: count, online: count, members: count > 200 ? null : members };
}

test("a user with connections in two objects counts once while users are listed", () => {
  expect(sumElsewhere([part("a", 3), part("a", 4)])).toMatchObject({ connections: 7, online: 4 });
  const large = sumElsewhere([part("a", 150), part("b", 150)]);
  expect([large.online, large.members]).toEqual([300, null]);
  expect(sumElsewhere([part("a", 201), part("b", 1)])).toMatchObject({ online: 202, members: null });
});

test("typing of a large room is left out", () => {
  const typing = { ...part("a", 1), typing: ["a0"] };
  expect(sumElsewhere([typing, part("b", 1)]).typing).toEqual(["a0"]);
  expect(sumElsewhere([typing, part("b", 200)]).typing).toEqual([]);
});

test("a changed name is a change", () => {
  const named = (name: string) => ({ ...part("a", 1), members: [{ user: "a0", name }] });
  expect(isSameElsewhere(named("A"), named("A"))).toBe(true);
  expect(isSameElsewhere(named("A"), named("B"))).toBe(false);
});

test("users who type in another object are shown until they stop, and shown again before clients forget them", () => {
  const typing = new Typing();
  typing.elsewhere = ["b"];
  typing.start("a", 0);
  expect(typing.takeLine(0)?.users).toEqual(["a", "b"]);
  expect(typing.here).toEqual(["a"]);
  expect(typing.dueAt).toBe(2_000);
  typing.stop("a");
  expect(typing.takeLine(2_000)?.users).toEqual(["b"]);
  typing.elsewhere = [];
  expect(typing.takeLine(4_000)?.users).toEqual([]);
});

/** Reader computes who is online from presence lines, as a client does. */
class Reader {
  readonly presence: Presence;
  online: Map<string, string> | null;

  constructor(presence: Presence) {
    this.presence = presence;
    const members: Member[] | null = JSON.parse(presence.snapshotJson());
    this.online = members && new Map(members.map(({ user, name }) => [user, name]));
  }

  read(now: number): void {
    const line = this.presence.takeLine(now);
    if (line === null) return;
    if (line.join === undefined && line.leave === undefined) {
      this.online = null;
      return;
    }
    this.online ??= new Map();
    for (const { user, name } of line.join ?? []) this.online.set(user, name);
    for (const user of line.leave ?? []) this.online.delete(user);
    expect(this.online.size).toBe(line.online);
  }
}

const place = fc.nat({ max: 2 });
const user = fc.constantFrom("a", "b", "c", "d");
const step = fc.oneof(
  fc.record({ type: fc.constant("enter" as const), place, user, name: fc.constantFrom("X", "Y") }),
  fc.record({ type: fc.constant("exit" as const), place, user }),
  fc.record({ type: fc.constant("report" as const), place }),
  fc.record({ type: fc.constant("read" as const), place }),
);

test("readers in three objects list the same users, however they come and go", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const places = [0, 1, 2].map(() => new Presence());
      const readers = places.map((presence) => new Reader(presence));
      const known = places.map(() => NOTHING_HERE);
      const counts = new Map<string, number>();
      let now = 0;
      const report = (n: number) => {
        const presence = places[n];
        if (presence !== undefined) known[n] = { ...NOTHING_HERE, ...presence.here };
        for (const [i, other] of places.entries())
          if (i !== n) other.elsewhere = sumElsewhere(known.filter((_, k) => k !== i));
      };
      for (const next of steps) {
        now += 1_000;
        const presence = places[next.place];
        if (presence === undefined) continue;
        if (next.type === "report") report(next.place);
        else if (next.type === "read") readers[next.place]?.read(now);
        else {
          const key = `${next.place} ${next.user}`;
          const count = counts.get(key) ?? 0;
          if (next.type === "enter") {
            presence.enter(next.user, next.name);
            counts.set(key, count + 1);
          } else if (count > 0) {
            presence.exit(next.user, now);
            counts.set(key, count - 1);
          }
        }
        for (const each of places) each.expire(now);
      }
      now += 60_000;
      for (const presence of places) presence.expire(now);
      for (const n of places.keys()) report(n);
      for (const reader of readers) reader.read(now);
      const all = new Set(
        [...counts].filter(([, count]) => count > 0).map(([key]) => key.split(" ")[1] ?? ""),
      );
      for (const { online } of readers) expect([...(online?.keys() ?? [])].sort()).toEqual([...all].sort());
    }),
    { numRuns: 2_000 },
  );
});
