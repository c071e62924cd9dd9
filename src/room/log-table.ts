/** LogTable: one of the log's two tables, with its size known without a read. */
import type { SqlValue, Store } from "./store.ts";

/** Rows are pruned in batches of this size, or of a tenth of the limit if that is less. */
const PRUNE_BATCH = 100;

/** Extent is the number of rows of a table, and its first and last row. */
export interface Extent {
  readonly count: number;
  /** Seq of the first row; 0 if there is none. */
  readonly oldest: number;
  /** Seq of the last row; 0 if there is none. */
  readonly newest: number;
  /** Ordinal of the last row: ordinals have no gaps, so two of them give the count. */
  readonly ordinal: number;
}

const EMPTY: Extent = { count: 0, oldest: 0, newest: 0, ordinal: 0 };

export class LogTable {
  readonly #store: Store;
  readonly #name: string;
  readonly #insertion: string;
  #extent = EMPTY;

  /** @param columns - those of a new row, without `seq` and `ordinal` */
  constructor(store: Store, name: string, columns: readonly string[]) {
    this.#store = store;
    this.#name = name;
    const names = ["seq", "ordinal", ...columns];
    const places = names.map(() => "?").join(", ");
    this.#insertion = `INSERT INTO ${name} (${names.join(", ")}) VALUES (${places})`;
  }

  get extent(): Extent {
    return this.#extent;
  }

  /** Restores the extent after a rollback. */
  restore(extent: Extent): void {
    this.#extent = extent;
  }

  /** All rows were deleted. */
  clear(): void {
    this.#extent = EMPTY;
  }

  /** Reads the extent from the table's first and last row. */
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
   * Deletes the oldest rows beyond `limit`, once there are enough of them for a batch.
   *
   * @returns the seq of the last deleted row, or `null` if none was deleted
   */
  prune(limit: number): number | null {
    const { count } = this.#extent;
    const excess = count - limit;
    if (excess < Math.max(1, Math.min(PRUNE_BATCH, Math.floor(limit / 10)))) return null;
    // After a lowered limit the excess is large: prune it in parts, so that no flush stalls the room.
    const pruned = Math.min(excess, PRUNE_BATCH * 10);
    const query = `SELECT seq FROM ${this.#name} ORDER BY seq LIMIT 2 OFFSET ?`;
    const [last, next] = Array.from(this.#store.exec(query, pruned - 1), (row) => integer(row.seq));
    if (last === undefined || next === undefined) return null;
    this.#store.exec(`DELETE FROM ${this.#name} WHERE seq <= ?`, last);
    this.#extent = { ...this.#extent, count: count - pruned, oldest: next };
    return last;
  }
}

/** Returns a column's value, which must be a number. */
export function integer(value: SqlValue | undefined): number {
  if (typeof value !== "number") throw new Error("the log has a row without an expected integer");
  return value;
}
