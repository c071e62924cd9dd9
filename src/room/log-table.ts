/** LogTable: one of the log's two tables, and what is known of it without reading it. */
import { integer } from "./rows.ts";
import type { SqlValue, Store } from "./store.ts";

/** Rows are pruned this many at once, or a tenth of the limit where that is less. */
const PRUNE_BATCH = 100;

/** Extent is how many rows a table has, and where they begin and end. */
export interface Extent {
  readonly count: number;
  /** Seq of the first row; 0 where there is none. */
  readonly oldest: number;
  /** Seq of the last row; 0 where there is none. */
  readonly newest: number;
  /** Ordinal of the last row: rows are numbered without gaps, so that two of them tell the count. */
  readonly ordinal: number;
}

const EMPTY: Extent = { count: 0, oldest: 0, newest: 0, ordinal: 0 };

export class LogTable {
  readonly #store: Store;
  readonly #name: string;
  readonly #insertion: string;
  #extent = EMPTY;

  /** @param columns - those of a new row, besides its seq and its ordinal */
  constructor(store: Store, name: "messages" | "changes", columns: readonly string[]) {
    this.#store = store;
    this.#name = name;
    const names = ["seq", "ordinal", ...columns];
    const places = names.map(() => "?").join(", ");
    this.#insertion = `INSERT INTO ${name} (${names.map((column) => `"${column}"`).join(", ")}) VALUES (${places})`;
  }

  get extent(): Extent {
    return this.#extent;
  }

  /** Goes back to what was known before, for a transaction that did not come to be. */
  restore(extent: Extent): void {
    this.#extent = extent;
  }

  /** Learns the extent from the table's first and last row. */
  open(): void {
    const [first] = this.#store.exec(`SELECT seq, ordinal FROM ${this.#name} ORDER BY seq LIMIT 1`);
    const [last] = this.#store.exec(`SELECT seq, ordinal FROM ${this.#name} ORDER BY seq DESC LIMIT 1`);
    if (first === undefined || last === undefined) return;
    const ordinal = integer(last.ordinal);
    const count = ordinal - integer(first.ordinal) + 1;
    this.#extent = { count, oldest: integer(first.seq), newest: integer(last.seq), ordinal };
  }

  /** Appends a row: one row written. `values` are in the order of the columns. */
  insert(seq: number, values: readonly SqlValue[]): void {
    const { count, oldest, ordinal } = this.#extent;
    this.#store.exec(this.#insertion, seq, ordinal + 1, ...values);
    this.#extent = {
      count: count + 1,
      oldest: count === 0 ? seq : oldest,
      newest: seq,
      ordinal: ordinal + 1,
    };
  }

  /**
   * Drops the oldest rows beyond `limit`, once enough of them have gathered to be worth a statement.
   *
   * @returns the seq of the last row that went, or `null` where none did
   */
  prune(limit: number): number | null {
    const { count } = this.#extent;
    const excess = count - limit;
    if (excess < Math.max(1, Math.min(PRUNE_BATCH, Math.floor(limit / 10)))) return null;
    // A long excess, of a limit that was lowered, goes in pieces: no flush may stall the room.
    const going = Math.min(excess, PRUNE_BATCH * 10);
    const query = `SELECT seq FROM ${this.#name} ORDER BY seq LIMIT 2 OFFSET ?`;
    const [last, next] = Array.from(this.#store.exec(query, going - 1), (row) => integer(row.seq));
    if (last === undefined || next === undefined) return null;
    this.#store.exec(`DELETE FROM ${this.#name} WHERE seq <= ?`, last);
    this.#extent = { ...this.#extent, count: count - going, oldest: next };
    return last;
  }
}
