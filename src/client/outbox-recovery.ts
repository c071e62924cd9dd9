/**
 * Outbox recovery: what becomes of the commands that were sent on a connection that was lost.
 *
 * Their fate is unknown. The next `welcome` tells the own events: what is among them is done, the
 * rest leaves again, in order, under the same ids. Where neither `welcome` nor the room's memory of
 * ids can rule out that a command was carried out, it fails instead, for its author to decide.
 */
import type { CommandError } from "../protocol/errors.ts";
import { IDEMPOTENCY_MS, MAX_RESUME_EVENTS } from "../protocol/limits.ts";
import { createOutbox, type Outbox, type Outcome, type Step } from "./outbox.ts";
import { cleared, type Entry, FATE_UNKNOWN, failed, isForgotten } from "./outbox-entry.ts";

/** A resume begins at commands in doubt when they are this old, so that the trust outlasts the joining. */
const CHECKED_AFTER_MS = IDEMPOTENCY_MS - 60_000;
const LOG_GONE: CommandError = { code: "not_found", message: "the room's log was begun anew" };

/** The connection is gone: what was sent on it waits again, and its fate is in doubt. */
export function disconnected(outbox: Outbox): Outbox {
  const entries = outbox.entries.map((entry) => {
    if (entry.seq !== undefined || entry.status === "failed") return entry;
    const { retryAt: _, ...rest } = entry;
    const doubt = entry.sent === undefined ? {} : { doubtful: true as const };
    return { ...rest, status: "queued" as const, ...doubt };
  });
  // The next connection begins with a rate of its own.
  return createOutbox(entries, outbox.epoch);
}

/**
 * Seq to resume from: the head, or further back where commands are in doubt for longer than the
 * room remembers ids, so that `welcome` tells for certain what became of them.
 */
export function resumeFrom(outbox: Outbox, head: number, now: number): number {
  const seqs = outbox.entries.map((entry) =>
    entry.doubtful && entry.sent && now - entry.sent.at > CHECKED_AFTER_MS ? entry.sent.after : head,
  );
  const from = Math.min(head, ...seqs);
  return head - from > MAX_RESUME_EVENTS / 2 ? head : from;
}

/** What a `welcome` tells of the own commands. */
export interface OwnEvents {
  readonly epoch: string;
  /** The log is another than the one that was known. */
  readonly isNewLog: boolean;
  /** Seqs of own events by the id of their command. */
  readonly seqs: ReadonlyMap<string, number>;
  /** Every own event after this seq is among `seqs`; every own message after `messagesAfter`. */
  readonly eventsAfter: number;
  readonly messagesAfter: number;
  /** Unix ms. */
  readonly now: number;
}

/** Settles what can be settled when the client has joined again, and lets the rest leave again. */
export function rejoined(outbox: Outbox, own: OwnEvents): Step {
  const outcomes: Outcome[] = [];
  const isNewLog = own.isNewLog || (outbox.epoch !== null && outbox.epoch !== own.epoch);
  const entries: Entry[] = [];
  for (const entry of outbox.entries) {
    const seq = own.seqs.get(entry.id);
    if (seq !== undefined && entry.seq === undefined) outcomes.push({ id: entry.id, seq });
    if (seq !== undefined || entry.seq !== undefined) continue;
    const next = isNewLog ? inNewLog(entry) : certain(entry, own);
    if (next.status === "failed" && next.error !== undefined && entry.status !== "failed") {
      outcomes.push({ id: entry.id, refusal: next.error });
    }
    // What is about a message of the old log has nothing left to be about.
    if (!isNewLog || next.kind === "send") entries.push(next);
  }
  return { outbox: { ...outbox, entries, epoch: own.epoch }, outcomes };
}

/** The entry when `welcome` showed no event of it. */
function certain(entry: Entry, own: OwnEvents): Entry {
  if (entry.status === "failed" || entry.sent === undefined) return entry;
  const toldAfter = entry.kind === "send" ? Math.min(own.messagesAfter, own.eventsAfter) : own.eventsAfter;
  if (entry.sent.after >= toldAfter) return cleared(entry);
  return isForgotten(entry, own.now) ? failed(entry, FATE_UNKNOWN) : entry;
}

/** The entry in a log in which no seq means what it meant: what names none can still be said. */
function inNewLog(entry: Entry): Entry {
  if (entry.command.type !== "send") return failed(entry, entry.error ?? LOG_GONE);
  const { reply: _, ...command } = entry.command;
  return entry.status === "failed" ? { ...entry, command } : { ...cleared(entry), command };
}
