import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { removeEmptyRooms } from "../../../src/serve/state.ts";

const name = (digit: string) => `${digit.repeat(64)}.sqlite`;

test("deletes the databases of rooms without events, and nothing else", () => {
  const folder = mkdtempSync(join(tmpdir(), "edge-chat-state-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const rooms = join(folder, "edge-chat-ChatRoom");
  mkdirSync(rooms);
  const write = (file: string, sql: string) => {
    const database = new DatabaseSync(join(rooms, file));
    database.exec(sql);
    return database;
  };
  write(name("a"), "PRAGMA user_version = 1").close();
  writeFileSync(join(rooms, `${name("a")}-wal`), "");
  write(name("b"), "CREATE TABLE meta (key TEXT)").close();
  // The table of this room is in its write-ahead log only, as after a crash.
  const crashed = write(name("c"), "PRAGMA journal_mode = WAL");
  crashed.exec("CREATE TABLE meta (key TEXT)");
  // What the runtime keeps for a room that only had relays.
  write(name("e"), "CREATE TABLE _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID").close();
  writeFileSync(join(rooms, name("d")), "not a database");
  writeFileSync(join(rooms, "metadata.sqlite"), "");
  removeEmptyRooms(folder);
  crashed.close();
  expect(readdirSync(rooms).filter((file) => file.endsWith(".sqlite"))).toEqual([
    name("b"),
    name("c"),
    name("d"),
    "metadata.sqlite",
  ]);
  expect(readdirSync(rooms)).not.toContain(`${name("a")}-wal`);
});
