/** Schema of the log's tables, and the steps from each version of it to the next. */
import type { Store } from "./store.ts";

/**
 * Step N brings a log of version N to N + 1; a new log takes them all. A step that has been
 * deployed is never altered: a new one is added.
 *
 * - `seq` is the rowid and the only index: a second one would double the rows written.
 * - `ordinal` counts a table's own rows without gaps, so that two reads tell how many there are.
 * - `reactions` is JSON, user ids by emoji; `text` of a deleted message is empty everywhere.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE messages (
     seq INTEGER PRIMARY KEY, ordinal INTEGER NOT NULL, at INTEGER NOT NULL,
     user TEXT NOT NULL, name TEXT NOT NULL, id TEXT,
     text TEXT NOT NULL, reply INTEGER, edited INTEGER, deleted INTEGER, reactions TEXT);
   CREATE TABLE changes (
     seq INTEGER PRIMARY KEY, ordinal INTEGER NOT NULL, at INTEGER NOT NULL,
     user TEXT NOT NULL, name TEXT NOT NULL, id TEXT,
     type TEXT NOT NULL, target INTEGER NOT NULL, text TEXT, emoji TEXT, "on" INTEGER);`,
];

/** Brings the log in `store` to the newest version. The caller runs it in a transaction. */
export function migrate(store: Store, steps: readonly string[] = MIGRATIONS): void {
  store.exec("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID");
  const [row] = store.exec("SELECT value FROM meta WHERE key = 'version'");
  const version = Number(row?.value ?? 0);
  if (version > steps.length) throw new Error(`the log has version ${version}, newer than this code knows`);
  if (version === steps.length) return;
  for (const step of steps.slice(version)) store.exec(step);
  store.exec(
    "INSERT INTO meta (key, value) VALUES ('version', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1",
    steps.length,
  );
}
