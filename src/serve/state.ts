/** State: the folder that holds the rooms, and its lock. */
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "./start-error.ts";

/** How long, in ms, to wait for the lock of a server that was just killed. */
const LOCK_TIMEOUT_MS = 2_000;
/** A database without tables of a room has no more: a few pages with tables of the runtime. */
const EMPTY_DATABASE_BYTES = 32_768;

/**
 * Creates the folder if it does not exist, and locks it for the life of this process. Two servers on one folder
 * would each run their own object of the same room. The lock is SQLite's, so the system releases it however the
 * process ends. Throws a StartError if the folder cannot be used or is locked.
 */
export function claimState(folder: string): DatabaseSync {
  try {
    mkdirSync(folder, { recursive: true });
    const lock = new DatabaseSync(join(folder, "lock"), { timeout: LOCK_TIMEOUT_MS });
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      reason === "database is locked"
        ? `Another server uses the folder ${folder}.`
        : `Cannot store rooms in ${folder}: ${reason}.`,
    );
  }
}

/**
 * Deletes the databases without tables of a room, before the runtime starts. The runtime creates a file for each room name that
 * is asked for, and a room without events stores nothing in it.
 */
export function removeEmptyRooms(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!/^[0-9a-f]{64}\.sqlite$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    if (statSync(path).size > EMPTY_DATABASE_BYTES || hasTables(path)) continue;
    for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
  }
}

/**
 * Whether a database has tables besides those of the runtime, also in a write-ahead log. The runtime's have what a room
 * without events keeps for its relays: they have ended. A database that cannot be read counts as one
 * with tables.
 */
function hasTables(path: string): boolean {
  try {
    using database = new DatabaseSync(path);
    return (
      database.prepare("SELECT 1 FROM sqlite_master WHERE tbl_name NOT GLOB '_cf_*'").get() !== undefined
    );
  } catch {
    return true;
  }
}
