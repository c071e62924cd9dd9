/**
 * Outbox: the commands that the room has not taken yet, as a pure state machine.
 *
 * Commands leave in the order in which they were given, several to a frame, and the next frame
 * leaves only when each command of the last one was answered. The room reads a frame at one
 * instant, so a rate limit refuses its tail; with no later frame under way, nothing can overtake
 * what was refused. After such a refusal commands leave one at a time until the outbox is empty.
 * What a lost connection means for them is in outbox-recovery.ts.
 */
import type { CommandError } from "../protocol/errors.ts";
import { utf8Length } from "../protocol/frame.ts";
import { retryDelay } from "./backoff.ts";
import {
  cleared,
  type Entry,
  FATE_UNKNOWN,
  failed,
  isForgotten,
  isUnderWay,
  isWaiting,
  type OutboxCommand,
} from "./outbox-entry.ts";

export interface Outbox {
  readonly entries: readonly Entry[];
  /** Epoch of the log that the commands were written for; `null` before any is known. */
  readonly epoch: string | null;
  /** Pause between two commands, ms, after a rate limit; `null` while there was none. */
  readonly pauseMs: number | null;
  /** Nothing leaves before, Unix ms. */
  readonly notBefore: number;
  /** When the last frame left, Unix ms. */
  readonly leftAt: number;
}

/** Outcome is how one command went. */
export type Outcome =
  | { readonly id: string; readonly seq: number }
  | { readonly id: string; readonly refusal: CommandError };

/** Step is the outbox after something happened, and which commands that settled. */
export interface Step {
  readonly outbox: Outbox;
  readonly outcomes: readonly Outcome[];
}

/** Commands in one frame: the burst that the server allows by default. */
export const MAX_IN_FLIGHT = 20;
const TOO_LONG: CommandError = { code: "too_long", message: "the command is over the size of a frame" };

export function createOutbox(entries: readonly Entry[], epoch: string | null): Outbox {
  return { entries, epoch, pauseMs: null, notBefore: 0, leftAt: 0 };
}

/** Puts a command at the end. `at` is Unix ms. */
export function enqueue(outbox: Outbox, command: OutboxCommand, at: number): Outbox {
  const entry: Entry = { id: command.id, kind: command.type, command, at, status: "queued" };
  return { ...outbox, entries: outbox.entries.concat(entry) };
}

/** When the next frame may leave, Unix ms, or `null` while there is none or an answer is awaited. */
export function dueAt(outbox: Outbox): number | null {
  if (sentAt(outbox) !== null) return null;
  const next = outbox.entries.find(isWaiting);
  return next === undefined ? null : Math.max(outbox.notBefore, next.retryAt ?? 0);
}

/** When the frame that awaits answers left, Unix ms, or `null` where none does. */
export function sentAt(outbox: Outbox): number | null {
  return outbox.entries.some(isUnderWay) ? outbox.leftAt : null;
}

/** Where the client stands when a frame leaves. */
export interface Departure {
  /** Unix ms. */
  readonly now: number;
  /** Head of the log as known. */
  readonly head: number;
  /** Bytes that a frame may have. */
  readonly frameBytes: number;
}

/** Takes the lines of the next frame, if one is due. */
export function takeFrame(
  outbox: Outbox,
  departure: Departure,
): Step & { readonly lines: readonly string[] } {
  const { now, head, frameBytes } = departure;
  const due = dueAt(outbox);
  if (due === null || due > now) return { outbox, outcomes: [], lines: [] };
  const most = outbox.pauseMs === null ? MAX_IN_FLIGHT : 1;
  const lines: string[] = [];
  const outcomes: Outcome[] = [];
  let bytes = 0;
  let full = false;
  const entries = outbox.entries.map((entry) => {
    if (full || entry.status !== "queued") return entry;
    const line = JSON.stringify(entry.command);
    const size = utf8Length(line);
    const objection = size > frameBytes ? TOO_LONG : isForgotten(entry, now) ? FATE_UNKNOWN : null;
    if (objection !== null) {
      outcomes.push({ id: entry.id, refusal: objection });
      return failed(entry, objection);
    }
    full = lines.length >= most || bytes + size > frameBytes;
    if (full) return entry;
    bytes += size + 1; // and a newline
    lines.push(line);
    const { retryAt: _, ...rest } = entry;
    return { ...rest, status: "sent" as const, sent: entry.sent ?? { at: now, after: head } };
  });
  return { outbox: { ...outbox, entries, leftAt: now }, outcomes, lines };
}

/** The room took the command `id` as the event `seq`; the entry goes once that event is there. */
export function answered(outbox: Outbox, id: string, seq: number, now: number): Step {
  const entry = outbox.entries.find((each) => each.id === id && isUnderWay(each));
  if (entry === undefined) return { outbox, outcomes: [] };
  const { pauseMs } = outbox;
  const entries = outbox.entries.map((each) =>
    each === entry ? { ...cleared(each), status: "sent" as const, seq } : each,
  );
  const notBefore = pauseMs === null ? outbox.notBefore : now + pauseMs;
  return { outbox: atEase({ ...outbox, entries, notBefore }), outcomes: [{ id, seq }] };
}

/** The room refused the command `id`: a rate limit makes it wait, anything else fails it. */
export function refused(outbox: Outbox, id: string, refusal: CommandError, now: number): Step {
  const index = outbox.entries.findIndex((each) => each.id === id && isUnderWay(each));
  const entry = outbox.entries[index];
  if (entry === undefined) return { outbox, outcomes: [] };
  if (refusal.code !== "rate_limited") {
    const entries = outbox.entries.with(index, failed(entry, refusal));
    return { outbox: atEase({ ...outbox, entries }), outcomes: [{ id, refusal }] };
  }
  const wait = retryDelay(refusal);
  // This time it was not carried out; what is in doubt from an earlier connection stays so.
  const kept = entry.doubtful ? entry : cleared(entry);
  const entries = outbox.entries.with(index, { ...kept, status: "queued", retryAt: now + wait });
  const isFirst = outbox.entries.findIndex(isWaiting) === index;
  const pauseMs = isFirst ? Math.max(outbox.pauseMs ?? 0, wait) : (outbox.pauseMs ?? wait);
  return { outbox: { ...outbox, entries, pauseMs }, outcomes: [] };
}

/** Ids of the commands that the room took, by the seqs of their events, which are still to come. */
export function awaitedEvents(outbox: Outbox): Map<number, string> {
  const ids = new Map<number, string>();
  for (const { id, seq } of outbox.entries) if (seq !== undefined) ids.set(seq, id);
  return ids;
}

/** The log is known up to `head`: entries whose events are there go. */
export function caughtUp(outbox: Outbox, head: number): Outbox {
  const isDone = ({ seq }: Entry) => seq !== undefined && seq <= head;
  return outbox.entries.some(isDone)
    ? { ...outbox, entries: outbox.entries.filter((entry) => !isDone(entry)) }
    : outbox;
}

/** Queues a failed entry anew, at the end, under a new id. `now` is Unix ms. */
export function retried(outbox: Outbox, id: string, newId: string, now: number): Outbox {
  const entry = outbox.entries.find((each) => each.id === id && each.status === "failed");
  if (entry === undefined) return outbox;
  const entries = outbox.entries.filter((each) => each !== entry);
  return enqueue({ ...outbox, entries }, { ...entry.command, id: newId }, now);
}

/** Drops an entry that failed or never left; one whose fate is open stays. */
export function discarded(outbox: Outbox, id: string): Outbox {
  const isDropped = (entry: Entry) =>
    entry.id === id && (entry.status === "failed" || (entry.status === "queued" && entry.sent === undefined));
  return outbox.entries.some(isDropped)
    ? { ...outbox, entries: outbox.entries.filter((entry) => !isDropped(entry)) }
    : outbox;
}

/** An outbox that has nothing left to send forgets the rate limit. */
function atEase(outbox: Outbox): Outbox {
  return outbox.entries.some(isWaiting) ? outbox : { ...outbox, pauseMs: null, notBefore: 0 };
}
