/** State: the folder that keeps the rooms, and the lock that keeps a second server out of it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "./start-error.ts";

/** How long, in ms, a server that was just killed may take to let go of its folder. */
const LOCK_PATIENCE_MS = 2_000;

/**
 * Makes the folder where it is missing, and takes its lock for as long as this process lives. Two servers in one
 * folder would each run their own object of the same room. The lock is SQLite's, so the system lets go of it
 * however the process ends. Throws a StartError where the folder cannot be used or is taken.
 */
export function claimState(folder: string): DatabaseSync {
  try {
    mkdirSync(folder, { recursive: true });
    const lock = new DatabaseSync(join(folder, "lock"), { timeout: LOCK_PATIENCE_MS });
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      reason === "database is locked"
        ? `Another server keeps its rooms in ${folder}.`
        : `Cannot keep rooms in ${folder}: ${reason}.`,
    );
  }
}
