/** State: the folder that holds the rooms, and its lock. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "./start-error.ts";

/** How long, in ms, to wait for the lock of a server that was just killed. */
const LOCK_TIMEOUT_MS = 2_000;

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
