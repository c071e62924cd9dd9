/** RecentEvents: the newest events in memory, already serialised, so that a join needs no SQL. */
import {
  applyChange,
  erased,
  isChange,
  isTimelineEvent,
  MAX_RESUME_EVENTS,
  MAX_RESUME_LENGTH,
  type Message,
  type RoomEvent,
  withoutId,
} from "../protocol/index.ts";
import { type LogReader, sizeOf } from "./log-reader.ts";

/** Events that the first join after a wake-up reads from the log. */
const FIRST_LOAD = 200;
/** Approximate size of the events in memory, in UTF-16 units. */
const MAX_SIZE = 4_000_000;
/** Size after a trim: `splice` at the front is O(n), so trims are few and large. */
const TRIMMED_SIZE = 0.9 * MAX_SIZE;

/** RecentEvent is an event and its line, which is made on first use. */
class RecentEvent {
  readonly event: RoomEvent;
  #line: string | null;

  constructor(event: RoomEvent, line: string | null = null) {
    this.event = event;
    this.#line = line;
  }

  /** Returns the event as `user` receives it: the author gets the id of the command too. */
  lineFor(user: string): string {
    const { event } = this;
    if (event.user === user && event.id !== undefined) return JSON.stringify(event);
    this.#line ??= JSON.stringify(withoutId(event));
    return this.#line;
  }
}

/** EventLines are serialised events for a `welcome`. */
export interface EventLines {
  /** Oldest first. */
  readonly lines: string[];
  /** Older messages exist. */
  readonly more: boolean;
}

/** RecentEvents are consecutive events up to the head of the log. Messages have all changes applied. */
export class RecentEvents {
  readonly #log: LogReader;
  #events: RecentEvent[] = [];
  #size = 0;

  constructor(log: LogReader) {
    this.#log = log;
  }

  /** Adds an event that the log has just committed, with its line. */
  add(event: RoomEvent, line: string): void {
    this.#push(event, line);
    if (isChange(event)) {
      this.#update(event.target, (message) => applyChange(message, event));
      if (event.type === "delete") this.#erase(event.target);
    }
    this.#trim();
  }

  /**
   * Returns all events after `seq` as `user` receives them, or `null` if a resume from there is not possible:
   * events are missing, or too many or too long.
   */
  since(seq: number, user: string): EventLines | null {
    const { head, pruned } = this.#log;
    if (seq > head || seq < pruned || head - seq > MAX_RESUME_EVENTS) return null;
    this.#loadFrom(seq + 1);
    const skipped = seq + 1 - this.first;
    const events =
      skipped >= 0
        ? this.#events.slice(skipped)
        : this.#log.after(seq, MAX_RESUME_EVENTS)?.events.map((event) => new RecentEvent(event));
    if (events === undefined) return null;
    const lines = events.map((event) => event.lineFor(user));
    if (lines.reduce((length, line) => length + line.length, 0) > MAX_RESUME_LENGTH) return null;
    return { lines, more: this.#log.hasMessagesBefore(seq + 1) };
  }

  /** Discards all events: the log has a new epoch. Its first event follows with `add`, or is loaded. */
  restart(): void {
    this.fill([]);
  }

  /** Replaces all events with `events`, which end at the head of the log. */
  fill(events: readonly RoomEvent[]): void {
    this.#events = [];
    this.#size = 0;
    for (const event of events) this.#push(event);
  }

  /** Returns the newest `count` messages and notices as `user` receives them. */
  newest(count: number, user: string): EventLines {
    this.#loadFrom(this.#log.head - FIRST_LOAD + 1);
    const lines: string[] = [];
    let oldest = this.#log.head + 1;
    let length = 0;
    let hasMessage = count === 0;
    // As in `Log.before`, the lines have a message.
    const isFull = () => lines.length >= count && hasMessage;
    for (let i = this.#events.length - 1; i >= 0 && !isFull(); i -= 1) {
      const recent = this.#events[i];
      if (recent === undefined || !isTimelineEvent(recent.event)) continue;
      // Messages that were pruned from the log are not sent from memory either.
      if (!this.#log.hasMessagesBefore(recent.event.seq + 1)) break;
      const line = recent.lineFor(user);
      length += line.length;
      // A client must be able to receive its welcome, however long the messages are.
      if (lines.length > 0 && length > MAX_RESUME_LENGTH) return { lines: lines.reverse(), more: true };
      lines.push(line);
      hasMessage ||= recent.event.type === "message";
      oldest = recent.event.seq;
    }
    lines.reverse();
    if (!isFull() && this.#log.hasMessagesBefore(this.first)) {
      // There are so many other events that memory holds too few messages.
      const page = this.#log.before(this.#log.head + 1, count, MAX_RESUME_LENGTH);
      if (page === null) return { lines, more: true };
      return { lines: page.events.map((event) => new RecentEvent(event).lineFor(user)), more: page.more };
    }
    return { lines, more: this.#log.hasMessagesBefore(oldest) };
  }

  /** Returns the seq of the last event in memory that is older than `at`, Unix ms, or `null`. */
  lastBefore(at: number): number | null {
    const next = this.#events.findIndex(({ event }) => event.at >= at);
    return this.#events[(next < 0 ? this.#events.length : next) - 1]?.event.seq ?? null;
  }

  /** Seq of the first event in memory; head + 1 if there is none. */
  get first(): number {
    return this.#events[0]?.event.seq ?? this.#log.head + 1;
  }

  /** Loads older events from the log, back to `seq` or as far as the limits allow. */
  #loadFrom(seq: number): void {
    const from = Math.max(seq, this.#log.pruned + 1, this.#log.head - MAX_RESUME_EVENTS + 1, 1);
    const first = this.first;
    if (from >= first || this.#size >= MAX_SIZE) return;
    const older = this.#log.after(from - 1, first - from);
    if (older === null) return;
    const newer = this.#events;
    this.#events = [];
    for (const event of older.events) this.#push(event);
    this.#events = this.#events.concat(newer);
    this.#trim();
  }

  #push(event: RoomEvent, line?: string): void {
    this.#events.push(new RecentEvent(event, line));
    this.#size += memoryOf(event);
  }

  #replace(index: number, before: RoomEvent, after: RoomEvent): void {
    this.#events[index] = new RecentEvent(after);
    this.#size += memoryOf(after) - memoryOf(before);
  }

  #update(target: number, change: (message: Message) => Message): void {
    const index = target - this.first;
    const message = this.#events[index]?.event;
    if (message?.type !== "message") return;
    const after = change(message);
    if (after !== message) this.#replace(index, message, after);
  }

  /** Removes the text of a deleted message from its earlier changes, even if the message is not in memory. */
  #erase(target: number): void {
    for (const [index, { event }] of this.#events.entries()) {
      if (isChange(event) && event.target === target) this.#replace(index, event, erased(event));
    }
  }

  #trim(): void {
    if (this.#events.length <= MAX_RESUME_EVENTS + FIRST_LOAD && this.#size <= MAX_SIZE) return;
    let count = 0;
    while (
      this.#events.length - count > MAX_RESUME_EVENTS ||
      (this.#size > TRIMMED_SIZE && count < this.#events.length - 1)
    ) {
      const recent = this.#events[count];
      if (recent === undefined) break;
      this.#size -= memoryOf(recent.event);
      count += 1;
    }
    this.#events.splice(0, count);
  }
}

/** Returns the approximate size of an event in memory, in UTF-16 units: as an object and as a line. */
function memoryOf(event: RoomEvent): number {
  return 2 * sizeOf(event);
}
