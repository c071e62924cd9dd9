// The rows that the log reads and writes in the SQLite of a Durable Object, which Cloudflare bills.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { isChange, type Message, parseQuery, type RoomEvent } from "../../src/protocol/index.ts";
import { DEFAULT_CONFIG } from "../../src/room/config.ts";
import { ImportedLog } from "../../src/room/imported-log.ts";
import { type Draft, Log } from "../../src/room/log.ts";
import { Retention } from "../../src/room/retention.ts";
import { Rules } from "../../src/room/rules.ts";
import { Searches } from "../../src/room/searches.ts";
import type { Store } from "../../src/room/store.ts";

const SECRETS = { epoch: "epoch-1", secret: new Uint8Array(32) };
const ANN = { at: 1_000, user: "ann", name: "Ann" } as const;
const message: Draft<Message> = { type: "message", ...ANN, id: "id", text: "text" };

/** Metered is a log in the storage of an object, and the rows that work on it reads and writes. */
interface Metered {
  readonly log: Log;
  readonly store: Store;
  cost(work: () => void): { read: number; written: number };
}

/** Runs `work` with a log of one message in the storage of the object with this name. */
function withLog(name: string, work: (metered: Metered) => void): Promise<void> {
  return runInDurableObject(env.ROOMS.getByName(name), (_, { storage }) => {
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    const store: Store = {
      exec(query, ...bindings) {
        const cursor = storage.sql.exec(query, ...bindings);
        cursors.push(cursor);
        return cursor;
      },
      transaction: (body) => storage.transactionSync(body),
    };
    const log = new Log(store);
    log.adoptSecrets(SECRETS);
    log.append(message);
    const sum = (rows: "rowsRead" | "rowsWritten") =>
      cursors.reduce((total, cursor) => total + cursor[rows], 0);
    const cost = (body: () => void) => {
      cursors.length = 0;
      body();
      return { read: sum("rowsRead"), written: sum("rowsWritten") };
    };
    work({ log, store, cost });
  });
}

test("writes one row for a message, and one when it is pruned", () =>
  withLog("rows-written", ({ log, cost }) => {
    expect(cost(() => log.append(message)).written).toBe(1);
    const many = cost(() => {
      for (let i = 0; i < 999; i += 1) log.append(message);
      log.prune(1_000);
    });
    expect(many.written).toBe(999);
    expect(many.read).toBeLessThanOrEqual(999);
    const pruned = cost(() => {
      for (let i = 0; i < 1_000; i += 1) {
        log.append(message);
        log.prune(1_000);
      }
    });
    // 2,000 rows of messages, and for each of the ten batches the seq up to which it pruned.
    expect(pruned.written).toBe(2_010);
    expect(pruned.read).toBeLessThanOrEqual(3_100);
  }));

test("writes two rows for a change: the event and its message", () =>
  withLog("rows-changed", ({ log, cost }) => {
    const written = (work: () => void) => cost(work).written;
    expect(written(() => log.append({ type: "edit", ...ANN, target: 1, text: "a" }))).toBe(2);
    expect(written(() => log.append({ type: "react", ...ANN, target: 1, emoji: "👍", on: true }))).toBe(2);
    // A deletion also removes the text of the edit.
    expect(written(() => log.append({ type: "delete", ...ANN, target: 1 }))).toBe(3);
  }));

test("reads at most two rows more than a page has, anywhere in a long log", () =>
  withLog("rows-read", ({ log, cost }) => {
    for (let i = 0; i < 1_000; i += 1) {
      const { seq } = log.append(message);
      if (i % 3 === 0) log.append({ type: "edit", ...ANN, target: seq, text: "edited" });
    }
    for (const seq of [1, 2, 500, log.head, log.head + 1]) {
      for (const limit of [1, 50, 100]) {
        expect(cost(() => log.before(seq, limit)).read).toBeLessThanOrEqual(limit + 2);
        expect(cost(() => log.after(seq, limit)).read).toBeLessThanOrEqual(limit + 2);
      }
    }
    expect(cost(() => log.find(700)).read).toBeLessThanOrEqual(1);
    expect(cost(() => Array.from(log.newestSince(0, 50))).read).toBeLessThanOrEqual(52);
  }));

test("reads a few rows to open a log of any length", () =>
  withLog("rows-opened", ({ log, store, cost }) => {
    for (let i = 0; i < 1_000; i += 1) log.append(message);
    expect(cost(() => new Log(store)).read).toBeLessThan(30);
  }));

test("writes two rows for an action of a moderator", () =>
  withLog("rows-of-actions", ({ log, store, cost }) => {
    const rules = new Rules(store, undefined);
    const member = "member2222";
    const bodies = [
      { type: "settings", title: "Tea", locked: true },
      { type: "role", member, role: "moderator" },
      { type: "mute", member, duration: 60_000 },
      { type: "admit", member, on: true },
      { type: "remove", member },
      { type: "ban", member, reason: "spam" },
      { type: "pin", target: 1, on: true },
      { type: "owner" },
    ] as const;
    const written = bodies.map((body) => {
      const { written } = cost(() => {
        const event = log.append({ ...ANN, ...body });
        if (event.type !== "message" && !isChange(event)) rules.apply(event, { present: () => [member] });
      });
      return [body.type, written];
    });
    expect(written).toEqual(bodies.map(({ type }) => [type, 2]));
  }));

test("writes at most three rows to delete old events, besides the rows it deletes, and none without any", () =>
  withLog("rows-of-retention", ({ log, store, cost }) => {
    const day = 24 * 3_600_000;
    const rules = new Rules(store, undefined);
    const config = { ...DEFAULT_CONFIG, historyDays: 1 };
    const retention = new Retention({ store, log, rules, config, report: () => {} });
    for (let i = 0; i < 99; i += 1) log.append(message);
    log.append({ type: "react", ...ANN, target: 1, emoji: "👍", on: true });
    const later = { ...message, at: 2_000 };
    log.append(later);
    const step = (now: number) => cost(() => retention.step(now, 0));
    expect(step(day)).toEqual({ read: expect.any(Number), written: 0 });
    expect(step(day + 500)).toEqual({ read: 0, written: 0 });
    // The look is stored; ten minutes later, 101 rows are deleted.
    expect(step(day + 1_500).written).toBe(1);
    expect(step(day + 1_600)).toEqual({ read: 0, written: 0 });
    const deletion = step(day + 3_600_000);
    expect(deletion.written).toBeGreaterThan(101);
    expect(deletion.written).toBeLessThanOrEqual(101 + 3);
    expect(deletion.read).toBeLessThanOrEqual(4 * 101);
  }));

test("reads one row for each message that a search looks at, and writes none", () =>
  withLog("rows-searched", ({ log, cost }) => {
    for (let i = 0; i < 999; i += 1) log.append({ ...message, text: i % 100 === 0 ? "found" : "other" });
    const search = (q: string) => {
      const searches = new Searches(log);
      const query = parseQuery(q);
      if (!query.ok) throw new Error(query.error.message);
      return cost(() => {
        searches.add({
          ...{ query: query.value, before: log.head + 1, limit: 50 },
          isWanted: () => true,
          onResult: () => {},
        });
        while (searches.isDue) searches.step();
      });
    };
    expect(search("nowhere")).toEqual({ read: 1_001, written: 0 });
    // A message that is found is read again, as a whole.
    expect(search("found")).toEqual({ read: 1_011, written: 0 });
  }));

test("writes one row for each event of an import, and few to replace the log", () =>
  withLog("rows-imported", ({ log, store, cost }) => {
    const events = Array.from({ length: 1_000 }, (_, i): RoomEvent => ({ ...message, seq: i + 1 }));
    let imported: ImportedLog | undefined;
    const read = cost(() => {
      imported = new ImportedLog(store, 10_000);
      for (let i = 0; i < events.length; i += 250) imported.append(events.slice(i, i + 250));
    });
    const replaced = cost(() => log.transaction(() => imported && log.adopt(imported)));
    expect(read.written).toBeGreaterThanOrEqual(1_000);
    // The rest is the rows of the tables themselves.
    expect(read.written + replaced.written).toBeLessThanOrEqual(1_030);
    expect(log.head).toBe(1_000);
  }));
