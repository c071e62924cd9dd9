/** LogTables: the two tables of a log as one: what a timeline shows, and the changes of messages. */
import type { RoomEvent } from "../protocol/index.ts";
import { COLUMNS, rowOf } from "./event-rows.ts";
import { type Extent, LogTable } from "./log-table.ts";
import type { Store } from "./store.ts";

type TableName = "messages" | "events";

/** Extents are the extents of both tables. */
export type Extents = Readonly<Record<TableName, Extent>>;

/** Deleted is the seq of the last row that was deleted from each table; `null` if none was. */
export type Deleted = Readonly<Record<TableName, number | null>>;

export class LogTables {
  readonly #messages: LogTable;
  readonly #events: LogTable;

  /** @param nameOf - returns the name of a table in the store */
  constructor(store: Store, nameOf: (table: TableName) => string) {
    this.#messages = new LogTable(store, nameOf("messages"), COLUMNS.messages);
    this.#events = new LogTable(store, nameOf("events"), COLUMNS.events);
  }

  get extents(): Extents {
    return { messages: this.#messages.extent, events: this.#events.extent };
  }

  /** Extent of the messages and notices. */
  get shown(): Extent {
    return this.#messages.extent;
  }

  /** Seq of the last row; 0 if there is none. */
  get newest(): number {
    return Math.max(this.#messages.extent.newest, this.#events.extent.newest);
  }

  /** Seq up to which there are rows that are hidden from readers and not deleted yet; 0 if there are none. */
  get hidden(): number {
    return Math.max(this.#messages.extent.hidden, this.#events.extent.hidden);
  }

  /** Whether readers see no row. */
  get isClear(): boolean {
    return this.#messages.extent.count === 0 && this.#events.extent.count === 0;
  }

  /** Sets the extents, after a rollback or when the tables were replaced. */
  restore({ messages, events }: Extents): void {
    this.#messages.restore(messages);
    this.#events.restore(events);
  }

  /** Reads the extents from the tables: no row is hidden. */
  open(): void {
    this.#messages.open();
    this.#events.open();
  }

  /** Deletes all rows. */
  clear(): void {
    this.#messages.clear();
    this.#events.clear();
  }

  /** Appends the row of an event: one row written. */
  insert(event: RoomEvent): void {
    const { table, values } = rowOf(event);
    (table === "messages" ? this.#messages : this.#events).insert(event.seq, values);
  }

  /** Deletes the oldest rows beyond `limit` in each table, in batches. */
  prune(limit: number): Deleted {
    return { messages: this.#messages.prune(limit), events: this.#events.prune(limit) };
  }

  /**
   * Hides the rows as old as `oldest` or older, Unix ms, as in `LogTable.hide`.
   *
   * @returns the time of the first younger row, Unix ms, or `null` if there is none
   */
  hide(oldest: number, now: number): number | null {
    const times = [this.#messages.hide(oldest, now), this.#events.hide(oldest, now)];
    const known = times.filter((at) => at !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  /** Deletes a batch of the hidden rows with a seq up to `end`. `more`: there can be more of them. */
  deleteHidden(end: number): { readonly deleted: Deleted; readonly more: boolean } {
    const messages = this.#messages.deleteHidden(end);
    const events = this.#events.deleteHidden(end);
    const deleted = { messages: messages?.last ?? null, events: events?.last ?? null };
    return { deleted, more: messages?.more === true || events?.more === true };
  }
}
