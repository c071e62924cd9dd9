/** Resume: how a `hello` asks to go on in the log that is known, and how the `welcome` goes on in it. */
import type { RoomEvent } from "../protocol/events.ts";
import type { WelcomeLine } from "../protocol/server-lines.ts";
import type { OwnEvents } from "./outbox-recovery.ts";
import { beginTimeline, rejoinTimeline, resumeTimeline, type Timeline } from "./timeline.ts";

/**
 * Continuation is what the log of a `welcome` is to the one that was known: the `first` there is;
 * the same, told with every event after the seq `from` (`resumed`) or with what may leave a gap
 * (`rejoined`); or `another`.
 */
export type Continuation =
  | { readonly type: "first" | "rejoined" | "another" }
  | { readonly type: "resumed"; readonly from: number };

/** Resume keeps what a `hello` asked for until its `welcome` is there. */
export class Resume {
  /** Seq named in the last `hello`, or `null` where it named none. */
  #from: number | null = null;
  /** Cleared where a resume went wrong, so that the next `hello` asks for none. */
  #mayAsk = true;

  /** What a `hello` says of the log `epoch`, known up to `from`; `undefined` where it asks for nothing. */
  ask(epoch: string | undefined, from: number): { epoch: string; seq: number } | undefined {
    const isAsking = this.#mayAsk && epoch !== undefined;
    this.#from = isAsking ? from : null;
    return isAsking ? { epoch, seq: from } : undefined;
  }

  /**
   * How a `welcome` goes on in the log `epoch`, known up to `head`.
   *
   * @returns `null` where it says that it resumes and some of the events are missing
   */
  answered(welcome: WelcomeLine, epoch: string | undefined, head: number): Continuation | null {
    const { events, seq } = welcome;
    this.#mayAsk = true;
    if (epoch === undefined) return { type: "first" };
    // A log that became shorter is another, whatever it says.
    if (welcome.epoch !== epoch || seq < head) return { type: "another" };
    const from = welcome.resumed ? this.#from : null;
    if (from === null) return { type: "rejoined" };
    this.#mayAsk = isDense(events, from, seq);
    return this.#mayAsk ? { type: "resumed", from } : null;
  }
}

/** Whether `events` are all those after `from` up to `head`. */
function isDense(events: readonly RoomEvent[], from: number, head: number): boolean {
  return events.length === head - from && events.every((event, index) => event.seq === from + 1 + index);
}

/** The timeline after a `welcome`. */
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

/** What a `welcome` tells of the own commands. `now` is Unix ms. */
export function ownEvents(welcome: WelcomeLine, continuation: Continuation, now: number): OwnEvents {
  const { epoch, events, more, seq, you } = welcome;
  const seqs = new Map<string, number>();
  for (const event of events)
    if (event.user === you.user && event.id !== undefined) seqs.set(event.id, event.seq);
  const isNewLog = continuation.type === "another";
  const from = continuation.type === "resumed" ? continuation.from : null;
  const oldest = events[0]?.seq ?? seq + 1;
  const messagesAfter = from ?? (more ? oldest - 1 : 0);
  return { epoch, isNewLog, seqs, eventsAfter: from ?? seq, messagesAfter, now };
}
