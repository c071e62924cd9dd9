/** Resume: how a `welcome` continues the known log, and what it shows of the client's own events. */
import type { LogEntry, WelcomeLine } from "../protocol/server-lines.ts";
import type { OwnEvents } from "./outbox-entry.ts";
import { beginTimeline, resumeTimeline, type Timeline } from "./timeline.ts";
import { rejoinTimeline } from "./timeline-pages.ts";

/**
 * Continuation is how the log of a `welcome` relates to the known one: it is the `first`; `another`;
 * the same, with every event after the seq `from` (`resumed`); or the same, with events that may be
 * missing (`rejoined`).
 */
export type Continuation =
  | { readonly type: "first" | "another" | "rejoined" }
  | { readonly type: "resumed"; readonly from: number };

/** KnownLog is what the client knows of the log before a `welcome`. */
export interface KnownLog {
  /** `undefined` before the first `welcome`. */
  readonly epoch: string | undefined;
  readonly head: number;
  /** Seq that the `hello` asked to resume from, or `null` if it did not ask. */
  readonly resumeFrom: number | null;
}

/** Returns how a `welcome` continues the log; `broken` if it resumes and events are missing. */
export function continuationOf(
  welcome: WelcomeLine,
  known: KnownLog,
): Continuation | { readonly type: "broken" } {
  const { events, seq } = welcome;
  if (known.epoch === undefined) return { type: "first" };
  // A log that is shorter than before is another one, even under the same epoch.
  if (welcome.epoch !== known.epoch || seq < known.head) return { type: "another" };
  const from = welcome.resumed ? known.resumeFrom : null;
  if (from === null) return { type: "rejoined" };
  return isDense(events, from, seq) ? { type: "resumed", from } : { type: "broken" };
}

/** Whether `events` are all events after `from` up to `head`. */
function isDense(events: readonly LogEntry[], from: number, head: number): boolean {
  return events.length === head - from && events.every((event, index) => event.seq === from + 1 + index);
}

/** Returns the timeline after a `welcome`. */
export function continueTimeline(timeline: Timeline, welcome: WelcomeLine, { type }: Continuation): Timeline {
  switch (type) {
    case "resumed":
      return resumeTimeline(timeline, welcome.events);
    case "rejoined":
      return rejoinTimeline(timeline, welcome);
    case "first":
    case "another":
      return beginTimeline(welcome);
  }
}

/** Returns the client's own events that a `welcome` shows. `now` is Unix ms. */
export function ownEvents(welcome: WelcomeLine, continuation: Continuation, now: number): OwnEvents {
  const { epoch, events, seq, you } = welcome;
  const seqs = new Map<string, number>();
  for (const event of events) {
    if (event.type !== "opaque" && event.user === you.user && event.id !== undefined) {
      seqs.set(event.id, event.seq);
    }
  }
  const from = continuation.type === "resumed" ? continuation.from : null;
  // Without `more`, older messages may have been pruned.
  const oldest = events[0]?.seq ?? seq + 1;
  return {
    epoch,
    isNewLog: continuation.type === "another",
    seqs,
    eventsAfter: from ?? seq,
    itemsAfter: from ?? oldest - 1,
    now,
  };
}
