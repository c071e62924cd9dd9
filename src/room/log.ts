/** Log: the room's events in SQLite, what a timeline shows and its changes under one sequence. */
import {
  applyChange,
  type Change,
  type FileInfo,
  isChange,
  type Message,
  type RoomEvent,
  type SearchableMessage,
  type TimelineEvent,
} from "../protocol/index.ts";
import {
  COLUMNS,
  eventsWhere,
  rowOf,
  SELECT_SHOWN,
  stateOf,
  toEvent,
  toTimelineEvent,
} from "./event-rows.ts";
import { FileUses } from "./file-uses.ts";
import { newRoomSecrets, type RoomSecrets } from "./identity.ts";
import { adoptImportTables, dropImportTables, importTable, tableNames } from "./import-tables.ts";
import type { ImportedLog } from "./imported-log.ts";
import { integer, LogTable } from "./log-table.ts";
import { migrate, type Row, type SqlValue, type Store } from "./store.ts";

/** Draft is an event without its seq. `at` is Unix ms. */
export type Draft<E extends RoomEvent = RoomEvent> = E extends RoomEvent ? Omit<E, "seq"> : never;

/** Page is a part of the log, oldest event first. */
export interface Page<E extends RoomEvent = RoomEvent> {
  readonly events: E[];
  /** There are more events beyond the page. */
  readonly more: boolean;
}

/** LogReader is the log as its readers use it: it cannot be changed through this. */
export interface LogReader {
  /** Names this log; `""` if there is none and none was announced to a client. */
  readonly epoch: string;
  /** Seq of the newest event; 0 if there is none. */
  readonly head: number;
  /** Seq up to which events may be missing. Everything after it is complete. */
  readonly pruned: number;
  hasMessagesBefore(seq: number): boolean;
  /** `null` if the page is not at hand. */
  before(seq: number, limit: number, maxLength?: number): Page<TimelineEvent> | null;
  /** `null` if the page is not at hand. */
  after(seq: number, limit: number, maxLength?: number): Page | null;
}

/**
 * Log is the total order of a room's events. It is created by the first event: a room without events
 * stores nothing.
 */
export class Log implements LogReader {
  readonly #store: Store;
  readonly #files: FileUses;
  /** Whether the tables exist. */
  #isStored: boolean;
  /** Set before they are stored if a user needs them; see `secrets`. */
  #secrets: RoomSecrets | null = null;
  readonly #messages: LogTable;
  readonly #events: LogTable;
  #pruned = 0;

  constructor(store: Store) {
    this.#store = store;
    this.#files = new FileUses(store);
    this.#messages = new LogTable(store, "messages", COLUMNS.messages);
    this.#events = new LogTable(store, "events", COLUMNS.events);
    const tables = tableNames(store);
    // A process that was killed can leave a part of an import.
    if (tables.has(importTable("messages"))) dropImportTables(store);
    this.#isStored = tables.has("meta");
    if (this.#isStored) this.#open();
  }

  /**
   * The room's secrets. They are made when first needed, but stored with the first event only, so that a room
   * that is only looked at stores nothing.
   */
  get secrets(): RoomSecrets {
    this.#secrets ??= newRoomSecrets();
    return this.#secrets;
  }

  /** The secrets if they are only in memory. Sockets keep them, so that user ids survive a hibernation. */
  get unsavedSecrets(): RoomSecrets | null {
    return this.#isStored ? null : this.#secrets;
  }

  /** Takes over secrets that a socket kept, unless the log has its own. */
  adoptSecrets(secrets: RoomSecrets): void {
    this.#secrets ??= secrets;
  }

  /** Whether the log has no events and never had one. */
  get isEmpty(): boolean {
    return !this.#isStored;
  }

  get epoch(): string {
    return this.#secrets?.epoch ?? "";
  }

  get head(): number {
    return Math.max(this.pruned, this.#messages.extent.newest, this.#events.extent.newest);
  }

  get pruned(): number {
    return Math.max(this.#pruned, this.hidden);
  }

  /** Seq up to which there are events that are hidden from readers and not deleted yet; 0: there are none. */
  get hidden(): number {
    return Math.max(this.#messages.extent.hidden, this.#events.extent.hidden);
  }

  /** Whether readers see no event: there is none, or all are hidden. */
  get isClear(): boolean {
    return this.#messages.extent.count === 0 && this.#events.extent.count === 0;
  }

  /** Whether the log has a message, deleted ones included. It reads past the notices. */
  get hasMessages(): boolean {
    if (!this.#isStored) return false;
    const [message] = this.#store.exec("SELECT 1 FROM messages WHERE type IS NULL LIMIT 1");
    return message !== undefined;
  }

  /** Seq of the oldest message or notice, or `null` if there is none. */
  get oldestMessage(): number | null {
    const { count, oldest } = this.#messages.extent;
    return count > 0 ? oldest : null;
  }

  /** Whether a message or a notice older than `seq` exists. */
  hasMessagesBefore(seq: number): boolean {
    return (this.oldestMessage ?? seq) < seq;
  }

  /** The files of the messages; `null` if the log has no tables. */
  get files(): FileUses | null {
    return this.#isStored ? this.#files : null;
  }

  /** Runs `work` in one transaction. If it throws, the database and the state in memory are rolled back. */
  transaction<T>(work: () => T): T {
    const [isStored, pruned, secrets] = [this.#isStored, this.#pruned, this.#secrets];
    const [messages, events] = [this.#messages.extent, this.#events.extent];
    try {
      return this.#store.transaction(work);
    } catch (error) {
      this.#isStored = isStored;
      this.#pruned = pruned;
      this.#secrets = secrets;
      this.#messages.restore(messages);
      this.#events.restore(events);
      throw error;
    }
  }

  /**
   * Appends an event with the next seq, in a transaction of the caller. It writes one row, and a second one for
   * the message that a change is about. The first event also creates the log.
   */
  append(draft: Draft): RoomEvent {
    if (!this.#isStored) this.#create();
    const event: RoomEvent = { ...draft, seq: this.head + 1 };
    const { table, values } = rowOf(event);
    (table === "messages" ? this.#messages : this.#events).insert(event.seq, values);
    if (event.type === "message" && event.files !== undefined) this.#files.add(idsOf(event.files), event.seq);
    if (isChange(event)) this.#change(event);
    return event;
  }

  /** Returns the message with this seq with all changes applied, or `null` if there is none. */
  find(seq: number): Message | null {
    const { count, oldest } = this.#messages.extent;
    if (count === 0 || seq < oldest) return null;
    for (const row of this.#store.exec(`${SELECT_SHOWN} WHERE seq = ? AND type IS NULL`, seq)) {
      const event = toEvent(row);
      return event.type === "message" ? event : null;
    }
    return null;
  }

  /**
   * Returns the newest `limit` messages and notices before `seq` with all changes applied, fewer if they are
   * longer than `maxLength` UTF-16 units together. If they are all notices, it goes on to the newest message: a
   * client that knows no notices asks for the next page by its oldest message.
   */
  before(seq: number, limit: number, maxLength = Number.POSITIVE_INFINITY): Page<TimelineEvent> {
    const { count, oldest } = this.#messages.extent;
    if (count === 0) return { events: [], more: false };
    // Rows are read one by one, as far as the page needs them.
    const query = `${SELECT_SHOWN} WHERE seq < ? AND seq >= ? ORDER BY seq DESC`;
    const rows = this.#store.exec(query, seq, oldest);
    const isPage = (page: readonly TimelineEvent[]) =>
      page.length >= limit && page.some(({ type }) => type === "message");
    const { events, more } = readPage(rows, toTimelineEvent, isPage, maxLength);
    return { events: events.reverse(), more };
  }

  /** Returns what a search looks at of the newest `limit` messages before a seq that are not deleted, newest first. */
  *texts(before: number, limit: number): Iterable<SearchableMessage & { readonly seq: number }> {
    const { count, oldest } = this.#messages.extent;
    if (count === 0) return;
    const query = `SELECT seq, at, name, text, fields FROM messages
                   WHERE seq < ? AND seq >= ? AND type IS NULL AND deleted IS NULL ORDER BY seq DESC LIMIT ?`;
    for (const { seq, at, name, text, fields } of this.#store.exec(query, before, oldest, limit)) {
      const message = { seq: integer(seq), at: integer(at), name: String(name), text: String(text) };
      // Only the messages with files have more fields.
      yield fields === null ? message : { ...message, ...JSON.parse(String(fields)) };
    }
  }

  /** Returns the first `limit` events after `seq`, limited as in `before`. Messages have all changes applied. */
  after(seq: number, limit: number, maxLength = Number.POSITIVE_INFINITY): Page {
    if (!this.#isStored) return { events: [], more: false };
    const query = `${eventsWhere("seq > ?1")} ORDER BY seq LIMIT ?2`;
    const isPage = (page: readonly RoomEvent[]) => page.length >= limit;
    return readPage(this.#store.exec(query, seq, limit + 1), toEvent, isPage, maxLength);
  }

  /** Returns events as `after` does, also those that are left where others are missing. */
  remaining(seq: number, limit: number, maxLength?: number): Page {
    return this.after(Math.max(seq, this.hidden), limit, maxLength);
  }

  /** Returns the events since `since` (Unix ms), newest first, at most `limit`. */
  *newestSince(since: number, limit: number): Iterable<RoomEvent> {
    if (!this.#isStored) return;
    const query = `${eventsWhere("seq <= ?1")} ORDER BY seq DESC LIMIT ?2`;
    for (const row of this.#store.exec(query, this.head, limit)) {
      const event = toEvent(row);
      if (event.at < since) return;
      yield event;
    }
  }

  /** Returns the name under which the user wrote last, or `undefined`. It reads the whole log at worst. */
  nameOf(user: string): string | undefined {
    if (!this.#isStored) return undefined;
    const query = "SELECT name FROM messages WHERE user = ? ORDER BY seq DESC LIMIT 1";
    for (const { name } of this.#store.exec(query, user)) return String(name);
    return undefined;
  }

  /** Deletes all events and starts a log of another epoch, in a transaction of the caller. User ids stay. */
  restart(): void {
    this.#store.exec("DELETE FROM messages");
    this.#store.exec("DELETE FROM events");
    this.#files.dropUpTo(this.head);
    this.#messages.clear();
    this.#events.clear();
    this.#beginEpoch(0);
  }

  /** Replaces the log by an imported one, in a transaction of the caller. It has another epoch. User ids stay. */
  adopt({ messages, events, pruned }: ImportedLog): void {
    if (!this.#isStored) this.#create();
    adoptImportTables(this.#store);
    this.#messages.restore(messages);
    this.#events.restore(events);
    this.#beginEpoch(pruned);
  }

  /** Deletes the oldest events beyond `limit` messages and `limit` other events, in batches. */
  prune(limit: number): void {
    for (const table of [this.#messages, this.#events]) this.#prunedTo(table, table.prune(limit));
  }

  /**
   * Hides the oldest events from readers: those as old as `oldest` or older, Unix ms. They are as if pruned.
   *
   * @returns the time of the first younger event, Unix ms, or `null` if there is none
   */
  hide(oldest: number, now: number): number | null {
    if (!this.#isStored) return null;
    const times = [this.#messages, this.#events].map((table) => table.hide(oldest, now));
    const known = times.filter((at) => at !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  /** Shows the hidden events again. */
  unhide(): void {
    if (this.hidden === 0) return;
    this.#messages.open();
    this.#events.open();
  }

  /**
   * Deletes a batch of the hidden events with a seq up to `end`, in a transaction of the caller.
   *
   * @returns whether there are more of them
   */
  deleteHidden(end: number): boolean {
    const batches = [this.#messages, this.#events].map((table) => {
      const batch = table.deleteHidden(end);
      this.#prunedTo(table, batch?.last ?? null);
      return batch;
    });
    return batches.some((batch) => batch?.more);
  }

  /** Rows of a table were deleted up to the seq `last`; `null`: none was. */
  #prunedTo(table: LogTable, last: number | null): void {
    if (last !== null && table === this.#messages) this.#files.dropUpTo(last);
    if (last === null || last <= this.#pruned) return;
    this.#pruned = last;
    this.#setMeta("pruned", last);
  }

  #beginEpoch(pruned: number): void {
    this.#secrets = { ...this.secrets, epoch: newRoomSecrets().epoch };
    this.#pruned = pruned;
    this.#setMeta("epoch", this.#secrets.epoch);
    this.#setMeta("pruned", pruned);
  }

  /** Stores the message that `change` is about with the change applied. */
  #change(change: Change): void {
    const { target } = change;
    const before = this.find(target);
    if (before === null) return;
    const after = applyChange(before, change);
    this.#store.exec(
      "UPDATE messages SET text = ?, edited = ?, deleted = ?, reactions = ?, fields = ? WHERE seq = ?",
      ...[...stateOf(after), target],
    );
    // Earlier changes can contain the text of a deleted message. They all have a higher seq than the message.
    if (after.deleted) {
      if (before.files !== undefined) this.#files.drop(idsOf(before.files));
      this.#store.exec("UPDATE events SET text = '' WHERE seq > ?1 AND target = ?1 AND text <> ''", target);
    }
  }

  #create(): void {
    const { epoch, secret } = this.secrets;
    migrate(this.#store);
    this.#setMeta("epoch", epoch);
    this.#setMeta("secret", secret);
    this.#setMeta("pruned", 0);
    this.#isStored = true;
  }

  #open(): void {
    this.#store.transaction(() => migrate(this.#store));
    const meta = new Map<SqlValue | undefined, SqlValue | undefined>();
    for (const { key, value } of this.#store.exec("SELECT key, value FROM meta")) meta.set(key, value);
    const epoch = meta.get("epoch");
    const secret = meta.get("secret");
    if (typeof epoch !== "string" || !(secret instanceof ArrayBuffer)) {
      throw new Error("the log has no epoch or no secret");
    }
    this.#secrets = { epoch, secret: new Uint8Array(secret) };
    this.#pruned = integer(meta.get("pruned"));
    this.#messages.open();
    this.#events.open();
  }

  #setMeta(key: string, value: SqlValue | Uint8Array): void {
    this.#store.exec(
      "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
      key,
      value,
    );
  }
}

/** Reads rows, at least one, until `isPage` says that they are enough or their size exceeds `maxLength`. */
function readPage<E extends RoomEvent>(
  rows: Iterable<Row>,
  parse: (row: Row) => E,
  isPage: (events: readonly E[]) => boolean,
  maxLength: number,
): Page<E> {
  const events: E[] = [];
  let length = 0;
  for (const row of rows) {
    const event = parse(row);
    length += sizeOf(event);
    if (isPage(events) || (events.length > 0 && length > maxLength)) return { events, more: true };
    events.push(event);
  }
  return { events, more: false };
}

function idsOf(files: readonly FileInfo[]): string[] {
  return files.map(({ id }) => id);
}

/** Approximate size of a file in a line, without its address. */
const FILE_SIZE = 250;

/** Returns the approximate size of an event as a line, in UTF-16 units. */
export function sizeOf(event: RoomEvent): number {
  const text = "text" in event ? event.text.length : 0;
  const reactions =
    event.type === "message" && event.reactions ? Object.values(event.reactions).flat().length : 0;
  const files = event.type === "message" && event.files ? FILE_SIZE * event.files.length : 0;
  return 150 + text + 15 * reactions + files;
}
