/** Log: the room's events in SQLite, messages and changes over one seq. */
import { applyChange, type Change, type Message, type RoomEvent } from "../protocol/index.ts";
import type { RoomSecrets } from "./identity.ts";
import { LogTable } from "./log-table.ts";
import { integer, toEvent, toMessage } from "./rows.ts";
import { migrate } from "./schema.ts";
import type { SqlValue, Store } from "./store.ts";

/** An event before the log has given it a seq; `at` is Unix ms. */
export type Draft<E extends RoomEvent = RoomEvent> = E extends RoomEvent ? Omit<E, "seq"> : never;

/** Page of messages, oldest first. */
export interface Page<E> {
  readonly events: E[];
  /** There is more beyond the page. */
  readonly more: boolean;
}

/** What the log remembers of a command that became an event. */
export interface LoggedCommand {
  readonly user: string;
  readonly id: string;
  readonly event: RoomEvent;
}

/** Columns that every event has, besides its seq. */
const STAMP = ["at", "user", "name", "id"];
const MESSAGE = "seq, at, user, name, id, text, reply, edited, deleted, reactions";

/** Events of both tables where `condition` holds; SQLite merges the two walks by seq, row by row. */
function eventsWhere(condition: string): string {
  return `SELECT seq, at, user, name, id, 'message' AS type, text, reply, edited, deleted, reactions,
                 NULL AS target, NULL AS emoji, NULL AS "on" FROM messages WHERE ${condition}
          UNION ALL
          SELECT seq, at, user, name, id, type, text, NULL, NULL, NULL, NULL, target, emoji, "on"
            FROM changes WHERE ${condition}`;
}

/**
 * Log is the one order of a room's events. It comes into being at the first write: a room that
 * nobody ever wrote in stores nothing.
 */
export class Log {
  readonly #store: Store;
  #secrets: RoomSecrets | null;
  readonly #messages: LogTable;
  readonly #changes: LogTable;
  #pruned = 0;

  constructor(store: Store) {
    this.#store = store;
    this.#messages = new LogTable(store, "messages", [...STAMP, "text", "reply"]);
    this.#changes = new LogTable(store, "changes", [...STAMP, "type", "target", "text", "emoji", "on"]);
    this.#secrets = this.#open();
  }

  /** The room's secrets, or `null` while there is no log yet. */
  get secrets(): RoomSecrets | null {
    return this.#secrets;
  }

  /** Names this log; `""` while there is none. */
  get epoch(): string {
    return this.#secrets?.epoch ?? "";
  }

  /** Seq of the newest event; 0 where there is none. */
  get head(): number {
    return Math.max(this.#pruned, this.#messages.extent.newest, this.#changes.extent.newest);
  }

  /** Seq up to which an event may be missing: a reader who saw this one can be given all that follow. */
  get pruned(): number {
    return this.#pruned;
  }

  /** Whether a message older than `seq` is kept. */
  hasMessagesBefore(seq: number): boolean {
    const { count, oldest } = this.#messages.extent;
    return count > 0 && oldest < seq;
  }

  /** Creates the log where there is none. */
  create(make: () => RoomSecrets): RoomSecrets {
    if (this.#secrets !== null) return this.#secrets;
    const secrets = make();
    this.#store.transaction(() => {
      migrate(this.#store);
      this.#setMeta("epoch", secrets.epoch);
      this.#setMeta("secret", secrets.secret);
      this.#setMeta("pruned", 0);
    });
    this.#secrets = secrets;
    return secrets;
  }

  /** Runs `work` in one transaction; where it throws, nothing of it stays, in memory either. */
  transaction<T>(work: () => T): T {
    const [pruned, messages, changes] = [this.#pruned, this.#messages.extent, this.#changes.extent];
    try {
      return this.#store.transaction(work);
    } catch (error) {
      this.#pruned = pruned;
      this.#messages.restore(messages);
      this.#changes.restore(changes);
      throw error;
    }
  }

  /** Appends an event and gives it the next seq: one row written, and one more for what a change alters. */
  append(draft: Draft): RoomEvent {
    const event: RoomEvent = { ...draft, seq: this.head + 1 };
    const stamp = [event.at, event.user, event.name, event.id ?? null];
    if (event.type === "message") {
      this.#messages.insert(event.seq, [...stamp, event.text, event.reply ?? null]);
    } else {
      const text = event.type === "edit" ? event.text : null;
      const [emoji, on] = event.type === "react" ? [event.emoji, Number(event.on)] : [null, null];
      this.#changes.insert(event.seq, [...stamp, event.type, event.target, text, emoji, on]);
      this.#alter(event);
    }
    return event;
  }

  /** The message with this seq as it now stands, if it is one and is kept. */
  find(seq: number): Message | null {
    if (this.#secrets === null) return null;
    for (const row of this.#store.exec(`SELECT ${MESSAGE} FROM messages WHERE seq = ?`, seq))
      return toMessage(row);
    return null;
  }

  /** Messages before `seq` as they now stand, the newest `limit` of them, oldest first. */
  before(seq: number, limit: number): Page<Message> {
    if (this.#secrets === null) return { events: [], more: false };
    const query = `SELECT ${MESSAGE} FROM messages WHERE seq < ? ORDER BY seq DESC LIMIT ?`;
    const events = Array.from(this.#store.exec(query, seq, limit + 1), toMessage);
    const more = events.length > limit;
    return { events: events.slice(0, limit).reverse(), more };
  }

  /** Events after `seq`, oldest first, the messages among them as they now stand. */
  after(seq: number, limit: number): Page<RoomEvent> {
    if (this.#secrets === null) return { events: [], more: false };
    const events = Array.from(
      this.#store.exec(`${eventsWhere("seq > ?1")} ORDER BY seq LIMIT ?2`, seq, limit + 1),
      toEvent,
    );
    const more = events.length > limit;
    return { events: events.slice(0, limit), more };
  }

  /** Events that came from commands with an id, newest first, no older than `since` (Unix ms). */
  *recentCommands(since: number, limit: number): Iterable<LoggedCommand> {
    if (this.#secrets === null) return;
    const query = `${eventsWhere("seq <= ?1")} ORDER BY seq DESC LIMIT ?2`;
    for (const row of this.#store.exec(query, this.head, limit)) {
      const event = toEvent(row);
      if (event.at < since) return;
      if (event.id !== undefined) yield { user: event.user, id: event.id, event };
    }
  }

  /**
   * Drops the oldest events beyond `limit` messages and `limit` changes, once enough of them have
   * gathered to make it worth a statement.
   */
  prune(limit: number): void {
    for (const table of [this.#messages, this.#changes]) {
      const last = table.prune(limit);
      if (last === null || last <= this.#pruned) continue;
      this.#pruned = last;
      this.#setMeta("pruned", last);
    }
  }

  /** Makes the message that a change is about stand as it does after it. */
  #alter(change: Change): void {
    const { target } = change;
    switch (change.type) {
      case "edit":
        this.#store.exec(
          "UPDATE messages SET text = ?, edited = ? WHERE seq = ?",
          change.text,
          change.at,
          target,
        );
        return;
      case "delete":
        this.#store.exec(
          "UPDATE messages SET text = '', deleted = 1, reactions = NULL WHERE seq = ?",
          target,
        );
        // Its edits hold its text too; they all came after it.
        this.#store.exec(
          "UPDATE changes SET text = '' WHERE seq > ?1 AND target = ?1 AND type = 'edit'",
          target,
        );
        return;
      case "react": {
        const message = this.find(target);
        if (message === null) return;
        const { reactions } = applyChange(message, change);
        const json = reactions === undefined ? null : JSON.stringify(reactions);
        this.#store.exec("UPDATE messages SET reactions = ? WHERE seq = ?", json, target);
        return;
      }
    }
  }

  #open(): RoomSecrets | null {
    const [table] = this.#store.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'");
    if (table === undefined) return null;
    this.#store.transaction(() => migrate(this.#store));
    const meta = new Map<SqlValue | undefined, SqlValue | undefined>();
    for (const { key, value } of this.#store.exec("SELECT key, value FROM meta")) meta.set(key, value);
    const epoch = meta.get("epoch");
    const secret = meta.get("secret");
    if (typeof epoch !== "string" || !(secret instanceof ArrayBuffer)) {
      throw new Error("the log has no epoch or no secret");
    }
    this.#pruned = integer(meta.get("pruned"));
    this.#messages.open();
    this.#changes.open();
    return { epoch, secret: new Uint8Array(secret) };
  }

  #setMeta(key: string, value: SqlValue | Uint8Array): void {
    this.#store.exec(
      "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
      key,
      value,
    );
  }
}
