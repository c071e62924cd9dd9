/** LogTable: one of the log's two tables, with its size known without a read. */
import type { SqlValue, Store } from "./store.ts";

/** Rows are pruned in batches of this size, or of a tenth of the limit if that is less. */
const PRUNE_BATCH = 100;
/** Rows of one table that one transaction deletes: a few milliseconds. */
const DELETE_BATCH = 1_000;

/** Extent is the number of rows of a table that readers see, with the first and the last row. */
export interface Extent {
  readonly count: number;
  /** Seq of the first row; 0 if there is none. */
  readonly oldest: number;
  /** Seq of the last row before `oldest` that is hidden from readers and not deleted yet; 0 if there is none. */
  readonly hidden: number;
  /** Seq of the last row; 0 if there is none. */
  readonly newest: number;
  /** Ordinal of the last row: ordinals have no gaps, so two of them give the count. */
  readonly ordinal: number;
}

const EMPTY: Extent = { count: 0, oldest: 0, hidden: 0, newest: 0, ordinal: 0 };

export class LogTable {
  readonly #store: Store;
  readonly #name: string;
  readonly #insertion: string;
  #extent = EMPTY;

  /** @param columns - the columns of a new row, without `seq` and `ordinal` */
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

  /** Deletes all rows. */
  clear(): void {
    this.#store.exec(`DELETE FROM ${this.#name}`);
    this.#extent = EMPTY;
  }

  /** Reads the extent from the table's first and last row: no row is hidden. */
  open(): void {
    const [first] = this.#store.exec(`SELECT seq, ordinal FROM ${this.#name} ORDER BY seq LIMIT 1`);
    const [last] = this.#store.exec(`SELECT seq, ordinal FROM ${this.#name} ORDER BY seq DESC LIMIT 1`);
    if (first === undefined || last === undefined) return;
    const ordinal = integer(last.ordinal);
    const count = ordinal - integer(first.ordinal) + 1;
    this.#extent = { count, oldest: integer(first.seq), hidden: 0, newest: integer(last.seq), ordinal };
  }

  /** Appends a row: one row written. `values` are in the order of the columns. */
  insert(seq: number, values: readonly SqlValue[]): void {
    const { count, oldest, hidden, ordinal } = this.#extent;
    this.#store.exec(this.#insertion, seq, ordinal + 1, ...values);
    this.#extent = {
      count: count + 1,
      oldest: count === 0 ? seq : oldest,
      hidden,
      newest: seq,
      ordinal: ordinal + 1,
    };
  }

  /**
   * Hides the first rows from readers: up to the last row before the first younger one that is as old as `oldest` or
   * older, Unix ms. It ignores rows of a time after `now`: they were written while the clock was ahead.
   *
   * @returns the time of the first younger row, Unix ms, or `null` if there is none
   */
  hide(oldest: number, now: number): number | null {
    const { count, oldest: first, newest, ordinal } = this.#extent;
    if (count === 0) return null;
    const [young] = this.#store.exec(
      `SELECT seq, at FROM ${this.#name} WHERE seq >= ? AND at > ? AND at <= ? ORDER BY seq LIMIT 1`,
      ...[first, oldest, now],
    );
    const end = young === undefined ? newest + 1 : integer(young.seq);
    const [last] = this.#store.exec(
      `SELECT seq FROM ${this.#name} WHERE seq >= ? AND seq < ? AND at <= ? ORDER BY seq DESC LIMIT 1`,
      ...[first, end, oldest],
    );
    if (last !== undefined) {
      const hidden = integer(last.seq);
      const query = `SELECT seq, ordinal FROM ${this.#name} WHERE seq > ? ORDER BY seq LIMIT 1`;
      const [next] = this.#store.exec(query, hidden);
      const seen = next
        ? { count: ordinal - integer(next.ordinal) + 1, oldest: integer(next.seq) }
        : { count: 0, oldest: 0 };
      this.#extent = { ...this.#extent, ...seen, hidden };
    }
    return young === undefined ? null : integer(young.at);
  }

  /**
   * Deletes a batch of the hidden rows with a seq up to `end`.
   *
   * @returns the seq of the last deleted row and whether there can be more, or `null` if there was none to delete
   */
  deleteHidden(end: number): { readonly last: number; readonly more: boolean } | null {
    const { hidden } = this.#extent;
    const until = Math.min(end, hidden);
    const query = `SELECT MAX(seq) AS last FROM
                     (SELECT seq FROM ${this.#name} WHERE seq <= ? ORDER BY seq LIMIT ?)`;
    const [row] = this.#store.exec(query, until, DELETE_BATCH);
    if (typeof row?.last !== "number") return null;
    const { last } = row;
    this.#store.exec(`DELETE FROM ${this.#name} WHERE seq <= ?`, last);
    this.#extent = { ...this.#extent, hidden: last < hidden ? hidden : 0 };
    return { last, more: last < until };
  }

  /**
   * Deletes the oldest rows beyond `limit`, once there are enough of them for a batch.
   *
   * @returns the seq of the last deleted row, or `null` if none was deleted
   */
  prune(limit: number): number | null {
    const { count, oldest } = this.#extent;
    const excess = count - limit;
    if (excess < Math.max(1, Math.min(PRUNE_BATCH, Math.floor(limit / 10)))) return null;
    // After a lowered limit the excess is large: prune it in parts, so that no flush stalls the room.
    const pruned = Math.min(excess, DELETE_BATCH);
    const query = `SELECT seq FROM ${this.#name} WHERE seq >= ? ORDER BY seq LIMIT 2 OFFSET ?`;
    const [last, next] = Array.from(this.#store.exec(query, oldest, pruned - 1), (row) => integer(row.seq));
    if (last === undefined || next === undefined) return null;
    this.#store.exec(`DELETE FROM ${this.#name} WHERE seq <= ?`, last);
    this.#extent = { ...this.#extent, count: count - pruned, oldest: next, hidden: 0 };
    return last;
  }
}

/** Returns a column's value, which must be a number. */
export function integer(value: SqlValue | undefined): number {
  if (typeof value !== "number") throw new Error("the log has a row without an expected integer");
  return value;
}
