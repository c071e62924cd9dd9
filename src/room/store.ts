/** Store: the part of a Durable Object's storage that the log uses. */

/** Value that SQLite stores. */
export type SqlValue = string | number | null | ArrayBuffer;
export type Row = Record<string, SqlValue>;

export interface Store {
  /** Runs one statement; rows are read as they are asked for. */
  exec(query: string, ...bindings: (SqlValue | Uint8Array)[]): Iterable<Row>;
  /** Runs `work` in one transaction, rolled back where it throws. */
  transaction<T>(work: () => T): T;
}
