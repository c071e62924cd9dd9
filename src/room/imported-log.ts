/** ImportedLog: a log that is read from a file, in tables of its own until it becomes the log of the room. */
import type { RoomEvent } from "../protocol/index.ts";
import { createImportTables, dropImportTables, importTable } from "./import-tables.ts";
import { type Extents, LogTables } from "./log-tables.ts";
import type { Store } from "./store.ts";

export class ImportedLog {
  readonly #store: Store;
  /** Messages that the room keeps, and as many changes. */
  readonly #limit: number;
  readonly #tables: LogTables;
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
    this.#tables = new LogTables(store, importTable);
  }

  get extents(): Extents {
    return this.#tables.extents;
  }

  /** Seq up to which events may be missing. */
  get pruned(): number {
    return this.#pruned;
  }

  /** Seq of the message that was pinned last, or `null`. */
  get pinned(): number | null {
    return this.#pinned;
  }

  /** Number of messages in the file, including messages that the room does not keep. */
  get count(): number {
    return this.#count;
  }

  /** Records that events up to a seq may be missing. */
  skip(seq: number): void {
    this.#pruned = Math.max(this.#pruned, seq);
  }

  /** Appends events in one transaction: one row for each. Messages have all changes applied. */
  append(events: readonly RoomEvent[]): void {
    this.#store.transaction(() => {
      for (const event of events) {
        this.#tables.insert(event);
        this.#pin(event);
        if (event.type === "message") this.#count += 1;
      }
      const deleted = this.#tables.prune(this.#limit);
      this.skip(Math.max(deleted.messages ?? 0, deleted.events ?? 0));
    });
  }

  /** Drops the tables, unless they have become the tables of the log. */
  discard(): void {
    dropImportTables(this.#store);
  }

  #pin(event: RoomEvent): void {
    if (event.type === "pin" && event.on) this.#pinned = event.target;
    else if ((event.type === "pin" || event.type === "delete") && event.target === this.#pinned)
      this.#pinned = null;
  }
}
