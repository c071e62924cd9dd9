/** ImportedLog: a log that is read from a file, in tables of its own until it becomes the log of the room. */
import type { RoomEvent } from "../protocol/index.ts";
import { COLUMNS, rowOf } from "./event-rows.ts";
import { createImportTables, dropImportTables, importTable } from "./import-tables.ts";
import { type Extent, LogTable } from "./log-table.ts";
import type { Store } from "./store.ts";

export class ImportedLog {
  readonly #store: Store;
  /** Messages that the room keeps, and as many changes. */
  readonly #limit: number;
  readonly #messages: LogTable;
  readonly #events: LogTable;
  #pruned = 0;
  #pinned: number | null = null;
  #count = 0;
  /** Title of the exported room. */
  title: string | undefined;

  /** Creates the tables. There is one imported log at a time. */
  constructor(store: Store, limit: number) {
    createImportTables(store);
    this.#store = store;
    this.#limit = limit;
    this.#messages = new LogTable(store, importTable("messages"), COLUMNS.messages);
    this.#events = new LogTable(store, importTable("events"), COLUMNS.events);
  }

  get messages(): Extent {
    return this.#messages.extent;
  }

  get events(): Extent {
    return this.#events.extent;
  }

  /** Seq up to which events may be missing. */
  get pruned(): number {
    return this.#pruned;
  }

  /** Seq of the message that was pinned last, or `null`. */
  get pinned(): number | null {
    return this.#pinned;
  }

  /** Number of messages in the file, also of those that the room does not keep. */
  get count(): number {
    return this.#count;
  }

  /** Events up to this seq may be missing. */
  skip(seq: number): void {
    this.#pruned = Math.max(this.#pruned, seq);
  }

  /** Appends events in one transaction: one row for each. Messages have all changes applied. */
  append(events: readonly RoomEvent[]): void {
    this.#store.transaction(() => {
      for (const event of events) {
        const { table, values } = rowOf(event);
        (table === "messages" ? this.#messages : this.#events).insert(event.seq, values);
        this.#pin(event);
        if (event.type === "message") this.#count += 1;
      }
      for (const table of [this.#messages, this.#events]) this.skip(table.prune(this.#limit) ?? 0);
    });
  }

  /** Drops the tables, unless they have become those of the room. */
  discard(): void {
    dropImportTables(this.#store);
  }

  #pin(event: RoomEvent): void {
    if (event.type === "pin" && event.on) this.#pinned = event.target;
    else if ((event.type === "pin" || event.type === "delete") && event.target === this.#pinned)
      this.#pinned = null;
  }
}
