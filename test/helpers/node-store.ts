/** NodeStore: the log's store over Node's SQLite, so that the room and its log run in unit tests. */
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from "node:sqlite";
import type { Row, SqlValue, Store } from "../../src/room/store.ts";

/** NodeStore is the storage of one room, in memory. It survives an eviction or a crash of the room. */
export class NodeStore implements Store {
  readonly db = new DatabaseSync(":memory:");
  /** Called before each statement and, with `"COMMIT"`, before each commit. An error that it throws fails the statement. */
  fault: ((query: string) => void) | undefined;

  exec(query: string, ...bindings: (SqlValue | Uint8Array)[]): Iterable<Row> {
    this.fault?.(query);
    if (/^\s*SELECT\b/.test(query)) return rowsOf(this.db, query, bindings);
    // As in a Durable Object, a writing statement runs at once, and a query may hold several statements.
    if (bindings.length === 0) this.db.exec(query);
    else this.db.prepare(query).run(...bindings.map(toInput));
    return [];
  }

  transaction<T>(work: () => T): T {
    this.db.exec("BEGIN");
    try {
      const value = work();
      this.fault?.("COMMIT");
      this.db.exec("COMMIT");
      return value;
    } catch (error) {
      this.db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Deletes everything, as `deleteAll` of a Durable Object does. */
  deleteAll(): void {
    for (const name of this.tables) this.db.exec(`DROP TABLE ${name}`);
  }

  /** Names of the tables. */
  get tables(): string[] {
    const rows = this.db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    return rows.map(({ name }) => String(name));
  }

  /** Returns all rows of a table, none if the table does not exist. */
  table(name: "messages" | "events" | "meta" | "people"): Row[] {
    return this.tables.includes(name) ? [...rowsOf(this.db, `SELECT * FROM ${name}`, [])] : [];
  }
}

function* rowsOf(db: DatabaseSync, query: string, bindings: (SqlValue | Uint8Array)[]): Iterable<Row> {
  for (const row of db.prepare(query).iterate(...bindings.map(toInput))) {
    yield Object.fromEntries(Object.entries(row).map(([column, value]) => [column, toSqlValue(value)]));
  }
}

function toInput(value: SqlValue | Uint8Array): SQLInputValue {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
}

/** A Durable Object returns a blob as an ArrayBuffer. */
function toSqlValue(value: SQLOutputValue): SqlValue {
  if (typeof value === "bigint") throw new Error("an integer of the log is too large for a number");
  return value instanceof Uint8Array ? value.slice().buffer : value;
}
