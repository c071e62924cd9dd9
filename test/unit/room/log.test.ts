// The log over real SQLite: seqs, pages, pruning, rollback, deletion.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Message, RoomEvent } from "../../../src/protocol/index.ts";
import { type Draft, Log } from "../../../src/room/log.ts";
import { NodeStore } from "../../helpers/node-store.ts";

const SECRETS = { epoch: "epoch-1", secret: new Uint8Array(32).fill(7) };
const ANN = { at: 1_000, user: "ann", name: "Ann" } as const;

function newLog(): { log: Log; store: NodeStore } {
  const store = new NodeStore();
  const log = new Log(store);
  log.adoptSecrets(SECRETS);
  return { log, store };
}

const message = (text: string): Draft<Message> => ({ type: "message", ...ANN, text });

/** Returns all events of the log, with all changes applied. */
function allEvents(log: Log): RoomEvent[] {
  return log.after(0, 100_000).events;
}

test("stores nothing before the first event, and reads as empty", () => {
  const store = new NodeStore();
  const log = new Log(store);
  expect([...store.exec("SELECT name FROM sqlite_master")]).toEqual([]);
  expect([log.epoch, log.head, log.pruned, log.unsavedSecrets]).toEqual(["", 0, 0, null]);
  expect(log.after(0, 10)).toEqual({ events: [], more: false });
  expect(log.before(10, 10)).toEqual({ events: [], more: false });
  expect(log.find(1)).toBeNull();
  expect([...log.newestSince(0, 10)]).toEqual([]);
});

test("stores the secrets with the first event", () => {
  const store = new NodeStore();
  const log = new Log(store);
  const { secrets } = log;
  expect([log.epoch, log.unsavedSecrets, log.isEmpty]).toEqual([secrets.epoch, secrets, true]);
  expect([...store.exec("SELECT name FROM sqlite_master")]).toEqual([]);
  log.transaction(() => log.append(message("first")));
  expect([log.secrets, log.unsavedSecrets, log.isEmpty]).toEqual([secrets, null, false]);
  expect(new Log(store).secrets).toEqual(secrets);
});

test("is empty after the first event is rolled back, with the same secrets", () => {
  const store = new NodeStore();
  const log = new Log(store);
  const { secrets } = log;
  const fail = () =>
    log.transaction(() => {
      log.append(message("lost"));
      throw new Error("disk full");
    });
  expect(fail).toThrow("disk full");
  expect([log.unsavedSecrets, log.head]).toEqual([secrets, 0]);
  expect([...store.exec("SELECT name FROM sqlite_master")]).toEqual([]);
  expect(log.append(message("kept")).seq).toBe(1);
});

test("ignores the secrets of a session once the log has its own", () => {
  const { log } = newLog();
  log.append(message("one"));
  log.adoptSecrets({ epoch: "another", secret: new Uint8Array(32) });
  expect(log.secrets).toEqual(SECRETS);
});

test("numbers messages and changes with one sequence, without gaps", () => {
  const { log } = newLog();
  log.append(message("one"));
  log.append({ type: "edit", ...ANN, target: 1, text: "one!" });
  log.append({ type: "react", ...ANN, target: 1, emoji: "👍", on: true });
  log.append(message("two"));
  log.append({ type: "delete", ...ANN, target: 4 });
  expect(allEvents(log).map(({ seq, type }) => [seq, type])).toEqual([
    [1, "message"],
    [2, "edit"],
    [3, "react"],
    [4, "message"],
    [5, "delete"],
  ]);
  expect(log.head).toBe(5);
});

test("returns a message with all changes applied, alone and in pages", () => {
  const { log } = newLog();
  log.append({ ...message("one"), id: "a" });
  log.append({ ...message("two"), reply: 1 });
  log.append({ type: "edit", ...ANN, at: 2_000, target: 1, text: "uno" });
  log.append({ type: "react", ...ANN, user: "bob", target: 1, emoji: "👍", on: true });
  log.append({ type: "react", ...ANN, target: 1, emoji: "👍", on: true });
  log.append({ type: "react", ...ANN, user: "bob", target: 1, emoji: "👍", on: false });
  const one = {
    ...ANN,
    type: "message",
    seq: 1,
    id: "a",
    text: "uno",
    edited: 2_000,
    reactions: { "👍": ["ann"] },
  };
  expect(log.find(1)).toEqual(one);
  expect(log.before(7, 2).events).toEqual([one, { ...message("two"), seq: 2, reply: 1 }]);
  expect(log.after(0, 1).events).toEqual([one]);
});

test("returns the page before a seq, and whether older messages exist", () => {
  const { log } = newLog();
  for (let i = 1; i <= 5; i += 1) log.append(message(`${i}`));
  const seqs = (before: number, limit: number) => {
    const { events, more } = log.before(before, limit);
    return [events.map(({ seq }) => seq), more];
  };
  expect(seqs(6, 2)).toEqual([[4, 5], true]);
  expect(seqs(4, 2)).toEqual([[2, 3], true]);
  expect(seqs(2, 2)).toEqual([[1], false]);
  expect(seqs(1, 2)).toEqual([[], false]);
  expect(seqs(1_000, 5)).toEqual([[1, 2, 3, 4, 5], false]);
});

test("removes the texts of a deleted message and of its edits from every table", () => {
  const { log, store } = newLog();
  log.append(message("secret first"));
  log.append({ type: "edit", ...ANN, target: 1, text: "secret second" });
  log.append({ type: "edit", ...ANN, target: 1, text: "secret third" });
  log.append({ type: "react", ...ANN, target: 1, emoji: "👍", on: true });
  log.append(message("kept"));
  log.append({ type: "edit", ...ANN, target: 5, text: "kept too" });
  log.append({ type: "delete", ...ANN, target: 1 });
  const stored = JSON.stringify([store.table("messages"), store.table("events")]);
  expect(stored).not.toContain("secret");
  expect(stored).toContain("kept too");
  expect(log.find(1)).toEqual({ type: "message", ...ANN, seq: 1, text: "", edited: 1_000, deleted: true });
});

test("prunes the oldest events and reports the seq up to which they are gone", () => {
  const { log } = newLog();
  const limit = 10;
  for (let i = 1; i <= 40; i += 1) {
    log.append(message(`${i}`));
    log.prune(limit);
    const kept = allEvents(log);
    expect(kept.length).toBe(Math.min(i, limit));
    expect(kept.at(-1)?.seq).toBe(i);
    expect(log.pruned).toBe(Math.max(0, i - limit));
    expect(log.hasMessagesBefore(kept[0]?.seq ?? 0)).toBe(false);
  }
});

test("prunes in batches: a log exceeds its limit by less than one batch", () => {
  const { log, store } = newLog();
  const counts = new Set<unknown>();
  for (let i = 1; i <= 400; i += 1) {
    log.append(message(`${i}`));
    log.prune(100);
    for (const { count } of store.exec("SELECT count(*) AS count FROM messages"))
      if (i > 100) counts.add(count);
  }
  expect(counts).toEqual(new Set([100, 101, 102, 103, 104, 105, 106, 107, 108, 109]));
});

test("prunes down to a lowered limit in several parts", () => {
  const { log } = newLog();
  for (let i = 1; i <= 2_500; i += 1) log.append(message(`${i}`));
  log.prune(10);
  expect(allEvents(log).length).toBe(1_500);
  log.prune(10);
  log.prune(10);
  expect(allEvents(log).map(({ seq }) => seq)).toEqual([
    2491, 2492, 2493, 2494, 2495, 2496, 2497, 2498, 2499, 2500,
  ]);
});

test("a log that is reopened before each write equals one that stays open", () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      (kinds, limit) => {
        const { log, store } = newLog();
        const { store: other } = newLog();
        for (const isMessage of kinds) {
          const reopened = new Log(other);
          reopened.adoptSecrets(SECRETS);
          for (const written of [log, reopened]) {
            if (isMessage) written.append(message("text"));
            else written.append({ type: "edit", ...ANN, target: 1, text: "edited" });
            written.prune(limit);
          }
          const again = new Log(other);
          expect([again.epoch, again.head, again.pruned]).toEqual([log.epoch, log.head, log.pruned]);
          expect([again.secrets, allEvents(again)]).toEqual([log.secrets, allEvents(log)]);
        }
        expect(other.table("messages")).toEqual(store.table("messages"));
        expect(other.table("events")).toEqual(store.table("events"));
      },
    ),
    { numRuns: 50 },
  );
});

test("restores the log in memory and on disk when a transaction throws", () => {
  const { log, store } = newLog();
  for (let i = 1; i <= 12; i += 1) log.append(message(`${i}`));
  log.prune(10);
  const before = [log.head, log.pruned, allEvents(log), store.table("messages"), store.table("meta")];
  const fail = () =>
    log.transaction(() => {
      log.append(message("lost"));
      log.append({ type: "edit", ...ANN, target: 12, text: "lost" });
      log.append({ type: "delete", ...ANN, target: 11 });
      log.prune(1);
      throw new Error("disk full");
    });
  expect(fail).toThrow("disk full");
  expect([log.head, log.pruned, allEvents(log), store.table("messages"), store.table("meta")]).toEqual(
    before,
  );
  expect(log.append(message("next")).seq).toBe(13);
  log.prune(10);
  expect(allEvents(log).map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
});

test("returns recent events newest first, limited by time and number", () => {
  const { log } = newLog();
  log.append({ ...message("old"), at: 1, id: "a" });
  log.append({ ...message("plain"), at: 5 });
  log.append({ type: "edit", ...ANN, at: 6, target: 1, text: "new", id: "b" });
  log.append({ ...message("newest"), at: 7, id: "c" });
  const ids = (since: number, limit: number) => Array.from(log.newestSince(since, limit), ({ id }) => id);
  expect(ids(0, 10)).toEqual(["c", "b", undefined, "a"]);
  expect(ids(5, 10)).toEqual(["c", "b", undefined]);
  expect(ids(0, 2)).toEqual(["c", "b"]);
});
