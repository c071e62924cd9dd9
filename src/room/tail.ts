/** Tail: the newest events in memory, already serialised, so that a join reads no SQL. */
import {
  applyChange,
  MAX_RESUME_EVENTS,
  MAX_RESUME_LENGTH,
  type Message,
  type RoomEvent,
} from "../protocol/index.ts";
import type { Log } from "./log.ts";

/** Events that the first join after a waking reads from the log. */
const FIRST_LOAD = 200;
/** UTF-16 units of serialised events that stay in memory, about. */
const MAX_TAIL_LENGTH = 4_000_000;
/** What of it is left once that is passed. */
const TRIMMED_TAIL_LENGTH = 0.9 * MAX_TAIL_LENGTH;

/** TailEvent is an event and its line, which is made when it is first needed. */
class TailEvent {
  readonly event: RoomEvent;
  #line: string | null = null;

  constructor(event: RoomEvent) {
    this.event = event;
  }

  /** The event as everyone but its author sees it. */
  get line(): string {
    this.#line ??= eventLine(this.event);
    return this.#line;
  }

  /** The event as `user` sees it: its author finds the command's id in it. */
  lineFor(user: string): string {
    const { event } = this;
    return event.user === user && event.id !== undefined ? JSON.stringify(event) : this.line;
  }
}

/** An event as a line without the id of its command, which is its author's own affair. */
export function eventLine(event: RoomEvent): string {
  const { id: _, ...shown } = event;
  return JSON.stringify(shown);
}

/** What of the log goes into a `welcome`. */
export interface Excerpt {
  /** Serialised events, oldest first. */
  readonly lines: string[];
  /** Older messages exist. */
  readonly more: boolean;
}

/** Tail is a dense run of events up to the log's head; messages in it are as they now stand. */
export class Tail {
  readonly #log: Log;
  #events: TailEvent[] = [];
  #length = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Takes in an event that the log has just committed. */
  add(event: RoomEvent): void {
    this.#push(event);
    if (event.type !== "message") this.#alter(event.target, (message) => applyChange(message, event));
    if (event.type === "delete") this.#eraseEdits(event.target);
    this.#trim();
  }

  /** The events after `seq`, which the log still has, as `user` sees them; `null` where they are too long. */
  since(seq: number, user: string): Excerpt | null {
    this.#reach(seq + 1);
    const skipped = seq + 1 - this.#first;
    const events =
      skipped >= 0
        ? this.#events.slice(skipped)
        : this.#log.after(seq, MAX_RESUME_EVENTS).events.map((event) => new TailEvent(event));
    const lines = events.map((event) => event.lineFor(user));
    if (lines.reduce((length, line) => length + line.length, 0) > MAX_RESUME_LENGTH) return null;
    return { lines, more: this.#log.hasMessagesBefore(seq + 1) };
  }

  /** The newest `count` messages as `user` sees them. */
  newest(count: number, user: string): Excerpt {
    this.#reach(this.#log.head - FIRST_LOAD + 1);
    const lines: string[] = [];
    let oldest = this.#log.head + 1;
    for (let i = this.#events.length - 1; i >= 0 && lines.length < count; i -= 1) {
      const entry = this.#events[i];
      if (entry?.event.type !== "message") continue;
      // What was pruned from the log is not shown from memory either.
      if (!this.#log.hasMessagesBefore(entry.event.seq + 1)) break;
      lines.push(entry.lineFor(user));
      oldest = entry.event.seq;
    }
    lines.reverse();
    if (lines.length < count && this.#log.hasMessagesBefore(this.#first)) {
      // So many changes that the tail holds too few messages: the log has them.
      const { events, more } = this.#log.before(this.#log.head + 1, count);
      return { lines: events.map((event) => new TailEvent(event).lineFor(user)), more };
    }
    return { lines, more: this.#log.hasMessagesBefore(oldest) };
  }

  /** Seq of the first event in memory; one past the head where there is none. */
  get #first(): number {
    return this.#events[0]?.event.seq ?? this.#log.head + 1;
  }

  /** Reads older events from the log, so that the tail begins at `seq` or as near as it may. */
  #reach(seq: number): void {
    const from = Math.max(seq, this.#log.pruned + 1, this.#log.head - MAX_RESUME_EVENTS + 1, 1);
    const first = this.#first;
    if (from >= first || this.#length >= MAX_TAIL_LENGTH) return;
    const older = this.#log.after(from - 1, first - from).events;
    const newer = this.#events;
    this.#events = [];
    for (const event of older) this.#push(event);
    this.#events = this.#events.concat(newer);
    this.#trim();
  }

  #push(event: RoomEvent): void {
    this.#events.push(new TailEvent(event));
    this.#length += weight(event);
  }

  #alter(target: number, change: (message: Message) => Message): void {
    const index = target - this.#first;
    const entry = this.#events[index];
    if (entry?.event.type !== "message") return;
    const after = change(entry.event);
    if (after === entry.event) return;
    this.#events[index] = new TailEvent(after);
    this.#length += weight(after) - weight(entry.event);
  }

  /** The text of a deleted message stays nowhere: its edits may be here where the message itself is not. */
  #eraseEdits(target: number): void {
    for (const [index, { event }] of this.#events.entries()) {
      if (event.type !== "edit" || event.target !== target) continue;
      const erased = { ...event, text: "" };
      this.#events[index] = new TailEvent(erased);
      this.#length += weight(erased) - weight(event);
    }
  }

  /** Drops the oldest events once they are too many: a good part of them, since an array gives up its front at a price. */
  #trim(): void {
    if (this.#events.length <= MAX_RESUME_EVENTS + FIRST_LOAD && this.#length <= MAX_TAIL_LENGTH) return;
    let drop = 0;
    while (
      this.#events.length - drop > MAX_RESUME_EVENTS ||
      (this.#length > TRIMMED_TAIL_LENGTH && drop < this.#events.length - 1)
    ) {
      const entry = this.#events[drop];
      if (entry === undefined) break;
      this.#length -= weight(entry.event);
      drop += 1;
    }
    this.#events.splice(0, drop);
  }
}

/** UTF-16 units that an event keeps in memory, about: its text twice, as itself and in its line. */
function weight(event: RoomEvent): number {
  const text = event.type === "message" || event.type === "edit" ? event.text.length : 0;
  const reactions =
    event.type === "message" && event.reactions ? Object.values(event.reactions).flat().length : 0;
  return 300 + 2 * text + 15 * reactions;
}
