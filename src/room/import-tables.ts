/** Import tables: the tables of a log that is being imported, until they replace the tables of the log. */
import { migrate, type Store } from "./store.ts";

const LOG_TABLES = ["messages", "events"] as const;

/** Returns the name of the import table that replaces a table of the log. */
export function importTable(name: (typeof LOG_TABLES)[number]): string {
  return `imported_${name}`;
}

/** Returns the names of all tables. */
export function tableNames(store: Store): ReadonlySet<unknown> {
  const rows = store.exec("SELECT name FROM sqlite_master WHERE type = 'table'");
  return new Set(Array.from(rows, ({ name }) => name));
}

/** Creates empty import tables with the newest schema. In a room without a log it creates no other table. */
export function createImportTables(store: Store): void {
  store.transaction(() => {
    const before = tableNames(store);
    const isStored = before.has("meta");
    if (!isStored) migrate(store);
    const made = [...tableNames(store)].filter((name) => !before.has(name));
    for (const name of LOG_TABLES) {
      const [table] = store.exec("SELECT sql FROM sqlite_master WHERE name = ?", name);
      store.exec(String(table?.sql).replace(/^CREATE TABLE "?\w+"?/, `CREATE TABLE ${importTable(name)}`));
    }
    for (const name of made) store.exec(`DROP TABLE ${name}`);
  });
}

/** Drops the import tables. */
export function dropImportTables(store: Store): void {
  store.transaction(() => {
    for (const name of LOG_TABLES) store.exec(`DROP TABLE IF EXISTS ${importTable(name)}`);
  });
}

/** Replaces the tables of the log with the import tables, in a transaction of the caller. */
export function adoptImportTables(store: Store): void {
  for (const name of LOG_TABLES) {
    store.exec(`DROP TABLE ${name}`);
    store.exec(`ALTER TABLE ${importTable(name)} RENAME TO ${name}`);
  }
}
