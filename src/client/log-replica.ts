/** Log replica: the client's copy of the room's log, and its position in it. */
import { DAY_MS } from "../protocol/retention.ts";
import type { LogEntry, WelcomeLine } from "../protocol/server-lines.ts";
import { type Continuation, continuationOf, continueTimeline } from "./resume.ts";
import type { LogPosition } from "./state.ts";
import {
  appendEvents,
  claimMessage,
  dropOld,
  emptyTimeline,
  type Timeline,
  trimTimeline,
} from "./timeline.ts";
import { insertPage, type Page } from "./timeline-pages.ts";

/** Shortest time between two looks for items that are too old. */
const MIN_DROP_MS = 1_000;

/** LogReplica outlives connections: a resume continues it. It has no clock: times are arguments, Unix ms. */
export class LogReplica {
  #timeline: Timeline;
  /** Epoch of the known log: of the last `welcome`, or of the option `resume`. */
  #epoch: string | undefined;
  /** Items above which the oldest are removed. */
  readonly #maxItems: number;
  /** Seq that the last `hello` asked to resume from, or `null` if it did not ask. */
  #resumeFrom: number | null = null;
  /** The last resume was answered with missing events: the next `hello` does not ask for one. */
  #isResumeBroken = false;
  /** When the next item may be too old. */
  #dropAt = Number.POSITIVE_INFINITY;

  /** @param position - where an earlier client stopped, if it is known */
  constructor(maxItems: number, position: LogPosition | undefined) {
    this.#maxItems = maxItems;
    this.#epoch = position?.epoch;
    this.#timeline = emptyTimeline(position?.seq ?? 0);
  }

  get timeline(): Timeline {
    return this.#timeline;
  }

  /** Seq of the newest known event. */
  get head(): number {
    return this.#timeline.head;
  }

  /** The position after the newest known event, or `null` before the first `welcome`. */
  get position(): LogPosition | null {
    return this.#epoch === undefined ? null : { epoch: this.#epoch, seq: this.head };
  }

  /** When an item may be too old, or infinite. */
  get dropAt(): number {
    return this.#dropAt;
  }

  /** Returns the `resume` of a `hello` that asks for the events after `seq`, if it may ask. */
  resumeAfter(seq: number): LogPosition | undefined {
    const epoch = this.#isResumeBroken ? undefined : this.#epoch;
    this.#resumeFrom = epoch === undefined ? null : seq;
    return epoch === undefined ? undefined : { epoch, seq };
  }

  /** Continues the log with a `welcome`, unless that resumes and events are missing. */
  welcome(welcome: WelcomeLine, now: number): Continuation | { readonly type: "broken" } {
    const known = { epoch: this.#epoch, head: this.head, resumeFrom: this.#resumeFrom };
    const continuation = continuationOf(welcome, known);
    this.#isResumeBroken = continuation.type === "broken";
    if (continuation.type === "broken") return continuation;
    this.#epoch = welcome.epoch;
    this.#timeline = trimTimeline(continueTimeline(this.#timeline, welcome, continuation), this.#maxItems);
    this.#dropAt = now;
    return continuation;
  }

  /**
   * Appends live events up to the first one that does not follow. Known ones are ignored.
   *
   * @param ids - ids of own commands by the seq of their event
   * @returns the new events
   */
  append(events: readonly LogEntry[], ids: ReadonlyMap<number, string>): LogEntry[] {
    const added: LogEntry[] = [];
    let { head } = this;
    for (const event of events) {
      if (event.seq > head + 1) break;
      if (event.seq <= head) continue;
      added.push(event);
      head = event.seq;
    }
    this.#timeline = trimTimeline(appendEvents(this.#timeline, added, ids), this.#maxItems);
    return added;
  }

  /** Inserts a page of history: the newest messages before the seq `before`. */
  insertPage(before: number, page: Page, now: number): void {
    this.#timeline = insertPage(this.#timeline, before, page);
    this.#dropAt = now;
  }

  /** Marks the message `seq` as the event of the own command `id`. */
  claim(seq: number, id: string): void {
    this.#timeline = claimMessage(this.#timeline, seq, id);
  }

  /** The room may keep events for another time: `dropOld` is due at `now`. */
  retentionChanged(now: number): void {
    this.#dropAt = now;
  }

  /** The client is closed: no timer for old items keeps the program running. */
  close(): void {
    this.#dropAt = Number.POSITIVE_INFINITY;
  }

  /**
   * Removes the items that the room has dropped by their age.
   *
   * @param days - how long the room keeps events, or `null`
   * @param clockOffset - the server's clock minus the local one, ms
   */
  dropOld(now: number, days: number | null, clockOffset: number): void {
    if (now < this.#dropAt) return;
    this.#dropAt = Number.POSITIVE_INFINITY;
    if (days === null) return;
    const serverNow = now + clockOffset;
    this.#timeline = dropOld(this.#timeline, serverNow - days * DAY_MS, serverNow);
    const first = this.#timeline.items.find((item) => item.type !== "gap");
    const endsAt = (first?.at ?? serverNow) + days * DAY_MS - clockOffset;
    // Timers cannot wait for a month. A wrong time does not repeat at once.
    this.#dropAt = Math.min(Math.max(endsAt, now + MIN_DROP_MS), now + DAY_MS);
  }
}
