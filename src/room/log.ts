/** Log: the events of a room in SQLite, messages, notices and changes in one sequence. */
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
import { eventsWhere, SELECT_SHOWN, stateOf, toEvent, toTimelineEvent } from "./event-rows.ts";
import { FileUses } from "./file-uses.ts";
import type { RoomSecrets } from "./identity.ts";
import { adoptImportTables, dropImportTables, importTable, tableNames } from "./import-tables.ts";
import type { ImportedLog } from "./imported-log.ts";
import { LogMeta } from "./log-meta.ts";
import { type LogReader, type Page, readPage } from "./log-reader.ts";
import { integer } from "./log-table.ts";
import { type Deleted, LogTables } from "./log-tables.ts";
import type { Store } from "./store.ts";

/** Draft is an event without its seq. `at` is Unix ms. */
export type Draft<E extends RoomEvent = RoomEvent> = E extends RoomEvent ? Omit<E, "seq"> : never;

/**
 * Log is the total order of a room's events. It is created by the first event: a room without events
 * stores nothing.
 */
export class Log implements LogReader {
  readonly #store: Store;
  readonly #meta: LogMeta;
  readonly #files: FileUses;
  readonly #tables: LogTables;

  constructor(store: Store) {
    this.#store = store;
    this.#meta = new LogMeta(store);
    this.#files = new FileUses(store);
    this.#tables = new LogTables(store, (table) => table);
    const tables = tableNames(store);
    // A process that was killed can leave a part of an import.
    if (tables.has(importTable("messages"))) dropImportTables(store);
    if (!tables.has("meta")) return;
    this.#meta.open();
    this.#tables.open();
  }

  /**
   * The room's secrets. They are made when first needed, but stored with the first event only, so that a room
   * that is only looked at stores nothing.
   */
  get secrets(): RoomSecrets {
    return this.#meta.secrets;
  }

  /** The secrets if they are only in memory. Sockets keep them, so that user ids survive a hibernation. */
  get unsavedSecrets(): RoomSecrets | null {
    const { isStored, secrets } = this.#meta.state;
    return isStored ? null : secrets;
  }

  /** Takes over secrets that a socket kept, unless the log has its own. */
  adoptSecrets(secrets: RoomSecrets): void {
    this.#meta.adopt(secrets);
  }

  /** Whether the log has no events and never had one. */
  get isEmpty(): boolean {
    return !this.#meta.state.isStored;
  }

  get epoch(): string {
    return this.#meta.state.secrets?.epoch ?? "";
  }

  get head(): number {
    return Math.max(this.pruned, this.#tables.newest);
  }

  get pruned(): number {
    return Math.max(this.#meta.state.pruned, this.hidden);
  }

  /** Seq up to which there are events that are hidden from readers and not deleted yet; 0: there are none. */
  get hidden(): number {
    return this.#tables.hidden;
  }

  /** Whether readers see no event: there is none, or all are hidden. */
  get isClear(): boolean {
    return this.#tables.isClear;
  }

  /** Whether the log has a message, deleted ones included. It reads past the notices. */
  get hasMessages(): boolean {
    if (this.isEmpty) return false;
    const [message] = this.#store.exec("SELECT 1 FROM messages WHERE type IS NULL LIMIT 1");
    return message !== undefined;
  }

  /** Seq of the oldest message or notice, or `null` if there is none. */
  get oldestMessage(): number | null {
    const { count, oldest } = this.#tables.shown;
    return count > 0 ? oldest : null;
  }

  /** Whether a message or a notice older than `seq` exists. */
  hasMessagesBefore(seq: number): boolean {
    return (this.oldestMessage ?? seq) < seq;
  }

  /** The files of the messages; `null` if the log has no tables. */
  get files(): FileUses | null {
    return this.isEmpty ? null : this.#files;
  }

  /** Runs `work` in one transaction. If it throws, the database and the state in memory are rolled back. */
  transaction<T>(work: () => T): T {
    const meta = this.#meta.state;
    const { extents } = this.#tables;
    try {
      return this.#store.transaction(work);
    } catch (error) {
      this.#meta.restore(meta);
      this.#tables.restore(extents);
      throw error;
    }
  }

  /**
   * Appends an event with the next seq, in a transaction of the caller. It writes one row, and a second one for
   * the message that a change is about. The first event also creates the log.
   */
  append(draft: Draft): RoomEvent {
    if (this.isEmpty) this.#meta.create();
    const event: RoomEvent = { ...draft, seq: this.head + 1 };
    this.#tables.insert(event);
    if (event.type === "message" && event.files !== undefined) this.#files.add(idsOf(event.files), event.seq);
    if (isChange(event)) this.#change(event);
    return event;
  }

  /** Returns the message with this seq with all changes applied, or `null` if there is none. */
  find(seq: number): Message | null {
    const { count, oldest } = this.#tables.shown;
    if (count === 0 || seq < oldest) return null;
    for (const row of this.#store.exec(`${SELECT_SHOWN} WHERE seq = ? AND type IS NULL`, seq)) {
      const event = toEvent(row);
      return event.type === "message" ? event : null;
    }
    return null;
  }

  /**
   * Returns the newest `limit` messages and notices before `seq` with all changes applied, fewer if they are
   * longer than `maxLength` UTF-16 units together. If they are all notices, it continues to the newest message: a
   * client that knows no notices asks for the next page by its oldest message.
   */
  before(seq: number, limit: number, maxLength = Number.POSITIVE_INFINITY): Page<TimelineEvent> {
    const { count, oldest } = this.#tables.shown;
    if (count === 0) return { events: [], more: false };
    // The statement is lazy: only the rows of the page are read.
    const query = `${SELECT_SHOWN} WHERE seq < ? AND seq >= ? ORDER BY seq DESC`;
    const rows = this.#store.exec(query, seq, oldest);
    const isPage = (page: readonly TimelineEvent[]) =>
      page.length >= limit && page.some(({ type }) => type === "message");
    const { events, more } = readPage(rows, toTimelineEvent, isPage, maxLength);
    return { events: events.reverse(), more };
  }

  /** Returns the newest `limit` messages before a seq that are not deleted, as a search needs them, newest first. */
  *texts(before: number, limit: number): Iterable<SearchableMessage & { readonly seq: number }> {
    const { count, oldest } = this.#tables.shown;
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
    if (this.isEmpty) return { events: [], more: false };
    const query = `${eventsWhere("seq > ?1")} ORDER BY seq LIMIT ?2`;
    const isPage = (page: readonly RoomEvent[]) => page.length >= limit;
    return readPage(this.#store.exec(query, seq, limit + 1), toEvent, isPage, maxLength);
  }

  /** Returns events as `after` does, but skips hidden events. */
  remaining(seq: number, limit: number, maxLength?: number): Page {
    return this.after(Math.max(seq, this.hidden), limit, maxLength);
  }

  /** Returns the events since `since` (Unix ms), newest first, at most `limit`. */
  *newestSince(since: number, limit: number): Iterable<RoomEvent> {
    if (this.isEmpty) return;
    const query = `${eventsWhere("seq <= ?1")} ORDER BY seq DESC LIMIT ?2`;
    for (const row of this.#store.exec(query, this.head, limit)) {
      const event = toEvent(row);
      if (event.at < since) return;
      yield event;
    }
  }

  /** Returns the name under which the user wrote last, or `undefined`. It reads the whole log at worst. */
  nameOf(user: string): string | undefined {
    if (this.isEmpty) return undefined;
    const query = "SELECT name FROM messages WHERE user = ? ORDER BY seq DESC LIMIT 1";
    for (const { name } of this.#store.exec(query, user)) return String(name);
    return undefined;
  }

  /** Deletes all events and starts a log of another epoch, in a transaction of the caller. User ids stay. */
  restart(): void {
    this.#files.dropUpTo(this.head);
    this.#tables.clear();
    this.#meta.beginEpoch(0);
  }

  /** Replaces the log with an imported log of another epoch, in a transaction of the caller. User ids stay. */
  adopt({ extents, pruned }: ImportedLog): void {
    if (this.isEmpty) this.#meta.create();
    adoptImportTables(this.#store);
    this.#tables.restore(extents);
    this.#meta.beginEpoch(pruned);
  }

  /** Deletes the oldest events beyond `limit` messages and `limit` other events, in batches. */
  prune(limit: number): void {
    this.#recordDeleted(this.#tables.prune(limit));
  }

  /**
   * Hides the oldest events from readers: those as old as `oldest` or older, Unix ms. Readers see them as pruned.
   *
   * @returns the time of the first younger event, Unix ms, or `null` if there is none
   */
  hide(oldest: number, now: number): number | null {
    return this.isEmpty ? null : this.#tables.hide(oldest, now);
  }

  /** Shows the hidden events again. */
  unhide(): void {
    if (this.hidden > 0) this.#tables.open();
  }

  /**
   * Deletes a batch of the hidden events with a seq up to `end`, in a transaction of the caller.
   *
   * @returns whether there are more of them
   */
  deleteHidden(end: number): boolean {
    const { deleted, more } = this.#tables.deleteHidden(end);
    this.#recordDeleted(deleted);
    return more;
  }

  #recordDeleted({ messages, events }: Deleted): void {
    if (messages !== null) this.#files.dropUpTo(messages);
    this.#meta.prunedTo(Math.max(messages ?? 0, events ?? 0));
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
}

function idsOf(files: readonly FileInfo[]): string[] {
  return files.map(({ id }) => id);
}
