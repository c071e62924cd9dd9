// How long a room keeps its events: hidden once they are too old, deleted later, everything gone once all have left.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Retention } from "../../../src/protocol/index.ts";
import type { RoomConfig } from "../../../src/room/config.ts";
import { ownedRoom, type TestPeer, TestRoom } from "../../helpers/test-room.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOBODY = { network: "" };

let ids = 0;
function send(room: TestRoom, peer: TestPeer, text: string, reply?: number): void {
  ids += 1;
  room.exchange(peer, { type: "send", id: `s${ids}`, text, ...(reply !== undefined && { reply }) });
}

/** Returns a room that Ann owns, with this retention. */
function keeping(retention: Retention, config: Partial<RoomConfig> = {}) {
  return ownedRoom({ retention }, config);
}

/** Wakes the room for its alarms until `ms` have passed, and returns their number. Its memory is lost before each. */
function sleep(room: TestRoom, ms: number): number {
  const end = room.now + ms;
  let alarms = 0;
  for (let at = room.wakeAt; at !== null && at <= end; at = room.wakeAt) {
    room.now = Math.max(at, room.now + 1_000);
    room.hibernate();
    room.advance(0);
    alarms += 1;
  }
  room.now = end;
  return alarms;
}

/** Returns the seqs in the tables of the log. */
function stored(room: TestRoom): number[] {
  const rows = (["messages", "events"] as const).flatMap((table) => room.store.table(table));
  return rows.map(({ seq }) => Number(seq)).sort((a, b) => a - b);
}

/** Returns the texts that each way to read the room gives out. */
function readable(room: TestRoom, resume: number): Record<string, string[]> {
  const texts = (events: readonly object[]) =>
    events.flatMap((event) => ("text" in event && event.text !== "" ? [String(event.text)] : []));
  ids += 1;
  const reader = room.join(`reader-${ids}`, { resume: { epoch: room.log.epoch, seq: resume } });
  const [welcome] = reader.takeLines();
  const lines = room.exchange(
    reader,
    { type: "history", id: "h", before: 1_000, limit: 100 },
    { type: "search", id: "q", q: "text" },
  );
  room.advance(0);
  const answers = [...lines, ...reader.takeLines()];
  room.close(reader);
  const page = room.http.messagesBefore(1_000, 100, NOBODY, room.now);
  const after = room.http.eventsAfter(room.log.pruned, undefined, 100, NOBODY, room.now);
  if (welcome?.type !== "welcome" || !page.ok || !after.ok) throw new Error("the room cannot be read");
  const answer = (type: string) =>
    texts(answers.flatMap((line) => (line.type === type && "events" in line ? line.events : [])));
  return {
    welcome: texts(welcome.events),
    history: answer("history"),
    search: answer("found").reverse(),
    before: texts(page.value.events),
    after: texts(after.value.events),
  };
}

const all = (texts: string[]) => ({
  welcome: texts,
  history: texts,
  search: texts,
  before: texts,
  after: texts,
});

test.each([
  ["day", 1],
  ["week", 7],
  ["month", 30],
] as const)("gives out nothing older than a %s, also before an alarm", (retention, days) => {
  const { room, bob } = keeping(retention);
  send(room, bob, "first text");
  const first = room.log.head;
  room.now += HOUR;
  send(room, bob, "second text");
  room.exchange(bob, { type: "react", id: "r", target: first, emoji: "👍", on: true });
  room.now += days * DAY - HOUR - 1_000;
  expect(readable(room, 0)).toEqual(all(["first text", "second text"]));
  room.now += 2_000;
  expect(readable(room, 0)).toEqual(all(["second text"]));
  room.now += HOUR;
  expect(readable(room, 0)).toEqual(all([]));
  expect(room.log.find(first)).toBeNull();
  const answers = room.exchange(bob, { type: "edit", id: "e", target: first, text: "late" });
  expect(answers.find(({ type }) => type === "error")).toMatchObject({ id: "e", code: "not_found" });
});

test("HISTORY_DAYS is an upper bound, in rooms without an owner too, and welcome says it", () => {
  const room = new TestRoom({ historyDays: 2 });
  const ann = room.join("Ann");
  const [welcome] = ann.takeLines();
  expect(welcome).toMatchObject({ type: "welcome", limits: { days: 2 } });
  send(room, ann, "text");
  room.now += 2 * DAY - 1_000;
  expect(readable(room, 0)).toEqual(all(["text"]));
  room.now += 2_000;
  expect(readable(room, 0)).toEqual(all([]));

  const { room: owned, bob } = keeping("month", { historyDays: 2 });
  send(owned, bob, "text");
  owned.now += 2 * DAY + 1_000;
  expect(readable(owned, 0)).toEqual(all([]));
});

test("tells a reader that comes back later that it cannot resume, and the seq goes on", () => {
  const { room, bob } = keeping("day");
  send(room, bob, "old");
  const seq = room.log.head;
  room.now += DAY + 1_000;
  const resume = (at: number) => {
    const [line] = room.join("Cem", { resume: { epoch: room.log.epoch, seq: at } }).takeLines();
    return line?.type === "welcome" ? [line.resumed, line.seq, line.more] : null;
  };
  expect(resume(seq - 1)).toEqual([false, seq, false]);
  expect(resume(seq)).toEqual([true, seq, false]);
  expect(room.http.eventsAfter(seq - 1, undefined, 10, NOBODY, room.now)).toMatchObject({
    error: { code: "pruned" },
  });
  sleep(room, DAY);
  expect(stored(room)).toEqual([]);
  room.crash();
  expect(resume(seq - 1)).toEqual([false, seq, false]);
  const dee = room.join("Dee");
  send(room, dee, "new");
  expect(room.log.head).toBe(seq + 1);
});

test("deletes what is too old, from both tables, and sleeps until the next is", () => {
  const { room, bob } = keeping("day");
  send(room, bob, "old text");
  const seq = room.log.head;
  room.exchange(bob, { type: "edit", id: "e", target: seq, text: "old text, edited" });
  room.now += 12 * HOUR;
  send(room, bob, "text");
  expect(room.wakeAt).toBeGreaterThan(room.now + 11 * HOUR);
  expect(sleep(room, 12 * HOUR - MINUTE)).toBe(0);
  sleep(room, 30 * MINUTE);
  expect(stored(room)).toEqual([seq + 2]);
  expect(room.wakeAt).toBeGreaterThan(room.now + 11 * HOUR);
  sleep(room, 12 * HOUR);
  expect(stored(room)).toEqual([]);
  expect(room.wakeAt).toBeNull();
});

test("a room without retention needs no alarm and writes nothing of its own", () => {
  const { room, bob } = ownedRoom();
  send(room, bob, "text");
  room.now += 400 * DAY;
  expect(readable(room, 0)).toEqual(all(["text"]));
  expect(room.wakeAt).toBeNull();
  expect(room.store.table("meta").map(({ key }) => key)).not.toContain("retention");
});

test("wakes a room with a steady flow of messages at most every 10 minutes, and deletes at most 20 minutes late", () => {
  const { room, bob } = keeping("day");
  let alarms = 0;
  for (let minute = 0; minute < 36 * 60; minute += 4) {
    send(room, bob, "text");
    alarms += sleep(room, 4 * MINUTE);
    const [first] = room.store.exec("SELECT at FROM messages ORDER BY seq LIMIT 1");
    expect(room.now - Number(first?.at)).toBeLessThanOrEqual(DAY + 24 * MINUTE);
  }
  expect(alarms).toBeGreaterThan(0);
  expect(alarms).toBeLessThanOrEqual(12 * 6 + 1);
});

test("deletes a long log in batches, and serves commands in between", () => {
  const { room, bob } = keeping("day", { historyLimit: 100_000 });
  for (let i = 0; i < 35; i += 1) {
    room.receive(
      bob,
      ...Array.from({ length: 100 }, (_, n) => ({ type: "send", id: `b${i}-${n}`, text: "text" }) as const),
    );
    room.run();
  }
  const before = stored(room).length;
  expect(before).toBeGreaterThan(3_000);
  room.now += DAY + 1_000;
  room.run();
  room.now += 10 * MINUTE;
  const counts: number[] = [];
  for (room.run(); room.dueAt === 0; room.run()) counts.push(stored(room).length);
  expect(counts.map((count, i) => (counts[i - 1] ?? before) - count).every((batch) => batch <= 1_000)).toBe(
    true,
  );
  expect(counts.length).toBeGreaterThanOrEqual(3);
  expect(stored(room)).toEqual([]);
});

test("a shorter time takes effect at once, and a longer one keeps what is not deleted", () => {
  const { room, ann, bob } = keeping("all");
  send(room, bob, "text");
  room.now += 2 * DAY;
  room.exchange(ann, { type: "settings", id: "day", retention: "day" });
  expect(readable(room, 0)).toEqual(all([]));
  room.exchange(ann, { type: "settings", id: "week", retention: "week" });
  expect(readable(room, 0)).toEqual(all(["text"]));
  room.exchange(ann, { type: "settings", id: "day2", retention: "day" });
  sleep(room, HOUR);
  room.exchange(ann, { type: "settings", id: "all", retention: "all" });
  expect(readable(room, 0)).toEqual(all([]));
});

test("unpins a message that is deleted, and tells everyone", () => {
  const { room, ann, bob } = keeping("day");
  send(room, bob, "pinned");
  room.exchange(ann, { type: "pin", id: "p", target: room.log.head, on: true });
  expect(room.rules.state.pinned).toBe(room.log.head - 1);
  bob.take();
  sleep(room, DAY + HOUR);
  expect(room.rules.state.pinned).toBeUndefined();
  const states = bob.takeLines().filter((line) => line.type === "state");
  expect(states.at(-1)).toMatchObject({ state: { retention: "day" } });
  expect(states.at(-1)?.state).not.toHaveProperty("pinned");
});

test("the number of messages stays a limit too, and counts what is not hidden", () => {
  const { room, bob } = keeping("day", { historyLimit: 10 });
  for (let i = 0; i < 8; i += 1) send(room, bob, `old text ${i}`);
  room.now += DAY + 1_000;
  for (let i = 0; i < 9; i += 1) send(room, bob, `text ${i}`);
  expect(readable(room, 0)).toEqual(all(Array.from({ length: 9 }, (_, i) => `text ${i}`)));
  for (let i = 9; i < 12; i += 1) send(room, bob, `text ${i}`);
  expect(readable(room, 0).before?.length).toBe(10);
  expect(stored(room).length).toBe(10);
});

test("a failed deletion is reported once, and tried again", () => {
  const { room, bob } = keeping("day");
  send(room, bob, "text");
  room.now += DAY + HOUR;
  room.store.fault = (query) => {
    if (/^(INSERT INTO meta|DELETE)/.test(query)) throw new Error("disk full");
  };
  room.run();
  room.run();
  expect(room.reports).toEqual(["pruning failed"]);
  expect(readable(room, 0)).toEqual(all([]));
  room.store.fault = undefined;
  sleep(room, HOUR);
  expect(stored(room)).toEqual([]);
});

test("a wipe starts anew: nothing of the new log is deleted for the old one's age", () => {
  const { room, ann, bob } = keeping("day");
  for (let i = 0; i < 20; i += 1) send(room, bob, "old");
  sleep(room, DAY + 5 * MINUTE);
  room.run();
  room.exchange(ann, { type: "wipe", id: "w" });
  const cem = room.join("Cem");
  for (let i = 0; i < 20; i += 1) send(room, cem, "new text");
  sleep(room, 23 * HOUR);
  expect(stored(room).length).toBe(21);
});

test("a clock that jumps ahead for a moment hides everything, and deletes nothing", () => {
  const { room, ann, bob } = keeping("week");
  send(room, bob, "before text");
  room.now += 365 * DAY;
  expect(readable(room, 0)).toEqual(all([]));
  send(room, bob, "ahead text");
  room.now += 30 * MINUTE - 365 * DAY;
  room.hibernate();
  send(room, ann, "after text");
  expect(readable(room, 0)).toEqual(all(["before text", "ahead text", "after text"]));
  sleep(room, 6 * DAY);
  expect(readable(room, 0)).toEqual(all(["before text", "ahead text", "after text"]));
  // What was sent while the clock was ahead goes with what was sent after it.
  sleep(room, DAY + 6 * HOUR);
  expect(stored(room)).toEqual([]);
});

test("a clock that is ahead for a moment, again and again, deletes nothing", () => {
  const { room, bob } = keeping("week");
  send(room, bob, "text");
  for (let time = 0; time < 3; time += 1) {
    room.now += 365 * DAY;
    room.run();
    room.now -= 365 * DAY - HOUR;
    room.run();
  }
  expect(readable(room, 0)).toEqual(all(["text"]));
});

test("a clock that is set back deletes nothing too early", () => {
  const { room, bob } = keeping("week");
  send(room, bob, "first text");
  room.now -= 365 * DAY;
  room.hibernate();
  send(room, bob, "second text");
  expect(readable(room, 0)).toEqual(all(["first text", "second text"]));
  room.now += 365 * DAY + HOUR;
  room.hibernate();
  room.advance(0);
  sleep(room, 6 * DAY);
  expect(readable(room, 0)).toEqual(all(["first text", "second text"]));
  sleep(room, 2 * DAY);
  expect(stored(room)).toEqual([]);
});

test("in random runs, hides what is too old by the clock and deletes it only after a second look", () => {
  const steps = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ type: fc.constant("send" as const), ms: fc.nat({ max: 6 * HOUR }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ type: fc.constant("sleep" as const), ms: fc.nat({ max: 30 * HOUR }) }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("restart" as const), ms: fc.nat({ max: HOUR }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant("jump" as const),
        ms: fc.integer({ min: -DAY * 9, max: DAY * 9 }),
      }),
    },
  );
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40 }), (sequence) => {
      const { room, bob } = keeping("day");
      /** True age of each event: the time that passed since, whatever the clock says. */
      let elapsed = 0;
      const sentAt: { seq: number; clock: number; elapsed: number }[] = [];
      let hasJumped = false;
      let firstKept = stored(room)[0] ?? 0;
      for (const { type, ms } of sequence) {
        if (type === "send") {
          send(room, bob, "text");
          sentAt.push({ seq: room.log.head, clock: room.now, elapsed });
          room.now += ms;
          elapsed += ms;
        } else if (type === "sleep") {
          sleep(room, ms);
          elapsed += ms;
        } else if (type === "restart") {
          room.hibernate();
          room.now += ms;
          elapsed += ms;
          room.run();
        } else {
          // For a few minutes the clock is wrong, and the room is used.
          hasJumped = true;
          room.now += ms;
          room.hibernate();
          room.run();
          room.now += 5 * MINUTE;
          room.run();
          room.now -= ms;
          elapsed += 5 * MINUTE;
          room.hibernate();
          room.run();
        }
        const visible = room.log.before(Number.MAX_SAFE_INTEGER, 1_000).events.map(({ seq }) => seq);
        room.run();
        const now = room.log.before(Number.MAX_SAFE_INTEGER, 1_000).events.map(({ seq }) => seq);
        expect(now.every((seq) => visible.includes(seq))).toBe(true);
        // No event is given out that is too old, and none is missing that is not.
        for (const { seq, elapsed: then } of sentAt) expect(now.includes(seq)).toBe(elapsed - then < DAY);
        const kept = stored(room);
        firstKept = Math.max(firstKept, kept[0] ?? firstKept);
        for (const { seq, elapsed: then } of sentAt) if (elapsed - then < DAY) expect(kept).toContain(seq);
        expect(kept).toEqual(kept.map((_, i) => (kept[0] ?? 0) + i));
      }
      if (hasJumped) return;
      sleep(room, 2 * DAY);
      expect(stored(room)).toEqual([]);
    }),
    { numRuns: Number(process.env.FC_RUNS ?? 50) },
  );
}, 240_000);

test("ends 5 minutes after everyone has left: an empty database, another epoch, no owner", () => {
  const { room, ann, max, bob } = keeping("presence");
  send(room, bob, "text");
  const { epoch } = room.log;
  for (const peer of [ann, max]) room.close(peer);
  room.advance(HOUR);
  expect(room.log.epoch).toBe(epoch);
  room.close(bob);
  room.advance(5_000);
  const left = room.now;
  expect(room.wakeAt).toBe(left + 5 * MINUTE);
  expect(sleep(room, 5 * MINUTE - 1_000)).toBe(0);
  expect(readable(room, 0).before).toEqual(["text"]);
  // The reader was there for a moment, so the time begins again.
  room.advance(5_000);
  expect(sleep(room, 6 * MINUTE)).toBe(1);
  expect(room.store.tables).toEqual([]);
  expect(room.wakeAt).toBeNull();
  const [welcome] = room.join("Bob", { resume: { epoch, seq: 1 } }).takeLines();
  expect(welcome).toMatchObject({ resumed: false, seq: 0 });
  expect(welcome?.type === "welcome" && welcome.epoch).not.toBe(epoch);
  expect(welcome).not.toHaveProperty("state");
});

test("everyone has left after a crash too, and polling over HTTP does not prolong it", () => {
  const { room, bob } = keeping("presence");
  send(room, bob, "text");
  expect(room.audience.needsSweep).toBe(true);
  room.crash();
  for (let minute = 0; minute < 5; minute += 1) {
    expect(room.store.tables).not.toEqual([]);
    room.crash();
    room.run();
    room.now += MINUTE;
  }
  room.run();
  expect(room.store.tables).toEqual([]);
});

test("who comes back within 5 minutes finds everything, and is swept if the connection is dead", () => {
  const { room, ann, max, bob } = keeping("presence");
  send(room, bob, "text");
  for (const peer of [ann, max, bob]) room.close(peer);
  room.advance(4 * MINUTE);
  const back = room.join("Bob");
  expect(back.takeLines()[0]).toMatchObject({ type: "welcome", state: { retention: "presence" } });
  room.advance(10_000);
  expect(room.wakeAt).toBeNull();
  expect(room.audience.needsSweep).toBe(true);
  room.now += 90_000;
  room.hibernate();
  room.audience.sweep(room.now);
  room.advance(10_000);
  expect(back.closedWith).toBe(4009);
  sleep(room, 6 * MINUTE);
  expect(room.store.tables).toEqual([]);
});

test("a clock that was ahead when the last user left does not keep the room", () => {
  const { room, ann, max, bob } = keeping("presence");
  room.now += 365 * DAY;
  for (const peer of [ann, max, bob]) room.close(peer);
  room.advance(10_000);
  room.now -= 365 * DAY;
  room.crash();
  room.run();
  expect(room.wakeAt).toBe(room.now + 5 * MINUTE);
});

test("people outside are disconnected when the room ends, and find a new one", () => {
  const { room, ann, max, bob } = ownedRoom({ retention: "presence", entry: "knock" });
  const cem = room.join("Cem");
  expect(cem.takeLines()).toMatchObject([{ type: "outside", waits: true }]);
  for (const peer of [ann, max, bob]) room.close(peer);
  room.advance(10_000);
  sleep(room, 6 * MINUTE);
  expect(cem.closedWith).toBe(4012);
  expect(room.join("Cem").takeLines()[0]).toMatchObject({ type: "welcome", seq: 0 });
});
