/** Store: the part of a Durable Object's storage that the log uses, and the schema of its tables. */

/** Value that SQLite stores. */
export type SqlValue = string | number | null | ArrayBuffer;
export type Row = Record<string, SqlValue>;

export interface Store {
  /** Runs one statement. Rows are read lazily. */
  exec(query: string, ...bindings: (SqlValue | Uint8Array)[]): Iterable<Row>;
  /** Runs `work` in one transaction, which is rolled back if `work` throws. */
  transaction<T>(work: () => T): T;
}

/**
 * Step N migrates a log from version N to N + 1; a new log runs all steps. A step that was deployed is never
 * changed: add a new one.
 *
 * - `seq` is the rowid and the only index: a second index would double the rows written.
 * - `ordinal` numbers the rows of a table without gaps, so that two reads give their count.
 * - `messages` has the messages and the notices, `events` the changes. `type` of a message is NULL.
 * - `reactions` is JSON, user ids by emoji. `text` of a deleted message is empty in every table.
 * - `deleted` is 1 for a message that its author deleted, 2 if a moderator did.
 * - `fields` is JSON: the fields of an event that have no column of their own.
 * - `files` has the files of all messages, `gone_files` the files to delete: see file-uses.ts.
 * - `person` and the settings in `meta` are JSON, as declared in people.ts and settings.ts.
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
  // A kind of event then needs no columns of its own.
  `CREATE TABLE events (
     seq INTEGER PRIMARY KEY, ordinal INTEGER NOT NULL, at INTEGER NOT NULL,
     user TEXT NOT NULL, name TEXT NOT NULL, id TEXT,
     type TEXT NOT NULL, target INTEGER, text TEXT, fields TEXT);
   INSERT INTO events
     SELECT seq, ordinal, at, user, name, id, type, target, text,
            CASE type WHEN 'react' THEN
              json_object('emoji', emoji, 'on', json(CASE "on" WHEN 1 THEN 'true' ELSE 'false' END)) END
       FROM changes;
   DROP TABLE changes;`,
  // A notice is a row of `messages`, so that one table has everything that a timeline shows.
  `ALTER TABLE messages ADD COLUMN type TEXT;
   ALTER TABLE messages ADD COLUMN fields TEXT;
   CREATE TABLE people (user TEXT PRIMARY KEY, person TEXT NOT NULL) WITHOUT ROWID;`,
  `CREATE TABLE files (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE gone_files (id TEXT PRIMARY KEY) WITHOUT ROWID;`,
];

/** Migrates the log in `store` to the newest version. The caller runs it in a transaction. */
export function migrate(store: Store, steps: readonly string[] = MIGRATIONS): void {
  store.exec("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID");
  const [row] = store.exec("SELECT value FROM meta WHERE key = 'version'");
  const version = Number(row?.value ?? 0);
  if (version > steps.length) throw new Error(`the log has version ${version}, newer than this code knows`);
  if (version === steps.length) return;
  for (const step of steps.slice(version)) store.exec(step);
  writeMeta(store, "version", steps.length);
}

/** Writes a value of the table `meta`, in a transaction of the caller: one row. */
export function writeMeta(store: Store, key: string, value: SqlValue | Uint8Array): void {
  const query = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
  store.exec(query, key, value);
}
