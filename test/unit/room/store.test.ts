// The migrations of the log's tables.
import { expect, test } from "vitest";
import { Log } from "../../../src/room/log.ts";
import { migrate } from "../../../src/room/store.ts";
import { NodeStore } from "../../helpers/node-store.ts";

const SECRETS = { epoch: "epoch-1", secret: new Uint8Array(32).fill(7) };
const ANN = { at: 1_000, user: "ann", name: "Ann" } as const;
const MESSAGE = { type: "message", ...ANN, text: "old" } as const;

test("runs each migration once and keeps the events", () => {
  const store = new NodeStore();
  new Log(store).append(MESSAGE);
  const steps = [
    "SELECT 1",
    "SELECT 2",
    "SELECT 3",
    "SELECT 4",
    "ALTER TABLE messages ADD COLUMN mood TEXT",
    "UPDATE messages SET mood = 'calm'",
  ];
  store.transaction(() => migrate(store, steps));
  store.transaction(() => migrate(store, steps));
  expect(store.table("messages")).toMatchObject([{ text: "old", mood: "calm" }]);
  expect(store.table("meta")).toContainEqual({ key: "version", value: 6 });
});

test("rejects a log of a newer version", () => {
  const store = new NodeStore();
  new Log(store).append(MESSAGE);
  store.exec("UPDATE meta SET value = ? WHERE key = 'version'", 99);
  expect(() => new Log(store)).toThrow("newer than this code knows");
});

test("reads every event of a log of version 1 after the migration", () => {
  const store = new NodeStore();
  store.exec("CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID");
  store.exec(`CREATE TABLE messages (
     seq INTEGER PRIMARY KEY, ordinal INTEGER NOT NULL, at INTEGER NOT NULL,
     user TEXT NOT NULL, name TEXT NOT NULL, id TEXT,
     text TEXT NOT NULL, reply INTEGER, edited INTEGER, deleted INTEGER, reactions TEXT)`);
  store.exec(`CREATE TABLE changes (
     seq INTEGER PRIMARY KEY, ordinal INTEGER NOT NULL, at INTEGER NOT NULL,
     user TEXT NOT NULL, name TEXT NOT NULL, id TEXT,
     type TEXT NOT NULL, target INTEGER NOT NULL, text TEXT, emoji TEXT, "on" INTEGER)`);
  const meta = { version: 1, epoch: SECRETS.epoch, secret: SECRETS.secret, pruned: 0 };
  for (const [key, value] of Object.entries(meta)) store.exec("INSERT INTO meta VALUES (?, ?)", key, value);
  store.exec(`INSERT INTO messages VALUES
    (1, 1, 1000, 'ann', 'Ann', 'a', 'uno', NULL, 1000, NULL, '{"👍":["ann"]}'),
    (5, 2, 1000, 'ann', 'Ann', NULL, '', 1, NULL, 1, NULL)`);
  store.exec(`INSERT INTO changes VALUES
    (2, 1, 1000, 'ann', 'Ann', 'b', 'edit', 1, 'uno', NULL, NULL),
    (3, 2, 1000, 'ann', 'Ann', NULL, 'react', 1, NULL, '👍', 1),
    (4, 3, 1000, 'ann', 'Ann', NULL, 'react', 1, NULL, '🎉', 0),
    (6, 4, 1000, 'ann', 'Ann', NULL, 'delete', 5, NULL, NULL, NULL)`);
  const log = new Log(store);
  expect(log.after(0, 10).events).toEqual([
    { type: "message", ...ANN, seq: 1, id: "a", text: "uno", edited: 1_000, reactions: { "👍": ["ann"] } },
    { type: "edit", ...ANN, seq: 2, id: "b", target: 1, text: "uno" },
    { type: "react", ...ANN, seq: 3, target: 1, emoji: "👍", on: true },
    { type: "react", ...ANN, seq: 4, target: 1, emoji: "🎉", on: false },
    { type: "message", ...ANN, seq: 5, text: "", reply: 1, deleted: true },
    { type: "delete", ...ANN, seq: 6, target: 5 },
  ]);
  expect(log.append({ type: "delete", ...ANN, target: 1 }).seq).toBe(7);
  expect(JSON.stringify(store.table("events"))).not.toContain("uno");
});
