/**
 * Outbox entry: one command that is not settled yet, and what a lost connection means for it.
 *
 * A command that was sent on a lost connection is unconfirmed: the room may have stored it. The next
 * `welcome` shows the client's own events: a command among them is done, the others are sent again,
 * in order and under the same ids. If neither the `welcome` nor the room's memory of ids can rule out
 * that a command was carried out, it fails, and the user decides.
 */
import type { CommandError } from "../protocol/errors.ts";
import { isChange, type LogCommand } from "../protocol/events.ts";
import { IDEMPOTENCY_MS, MAX_RESUME_EVENTS } from "../protocol/limits.ts";

/** OutboxEntry is a command that is not settled yet. */
export interface OutboxEntry {
  readonly id: string;
  readonly kind: LogCommand["type"];
  readonly command: LogCommand;
  /** When it was added, Unix ms. */
  readonly at: number;
  readonly status: "queued" | "sent" | "failed";
  /** Why it failed. */
  readonly error?: CommandError;
  /** When it is sent again after a rate limit, Unix ms. */
  readonly retryAt?: number;
}

/** Entry is an OutboxEntry with the state that only the outbox needs. */
export interface Entry extends OutboxEntry {
  /** The first time it was sent: Unix ms, and the log's head as known then. */
  readonly sent?: { readonly at: number; readonly after: number };
  /** It was sent on a connection that was lost, and the room may have stored it. */
  readonly unconfirmed?: true;
  /** Seq of its event: the room stored it, and the event has not arrived yet. */
  readonly seq?: number;
}

/** Age up to which the client relies on the room to know the id of an unconfirmed command. */
const TRUSTED_MS = IDEMPOTENCY_MS - 30_000;
/** Age from which a resume starts at an unconfirmed command: earlier, so that joining fits in between. */
const RESUME_FROM_MS = IDEMPOTENCY_MS - 60_000;

/** Error of a command that may have been carried out, longer ago than the room remembers ids. */
export const UNCONFIRMED: CommandError = {
  code: "internal",
  message: "the connection was lost for too long to know whether this command was carried out",
};
/** Error of a command for a log that was replaced. */
const LOG_GONE: CommandError = { code: "not_found", message: "the room's log was started anew" };
/** The same, if the room may have received the command after it had replaced the log. */
const LOG_GONE_UNCONFIRMED: CommandError = {
  code: "internal",
  message: "the room's log was started anew, and it is not known whether this command was carried out",
};

export function newEntry(command: LogCommand, at: number): Entry {
  return { id: command.id, kind: command.type, command, at, status: "queued" };
}

/** Whether the entry was sent on this connection and has no answer. */
export function isUnanswered(entry: Entry): boolean {
  return entry.status === "sent" && entry.seq === undefined;
}

/** Whether the room may have stored the entry and forgotten its id. */
export function isForgotten(entry: Entry, now: number): boolean {
  return entry.unconfirmed === true && entry.sent !== undefined && now - entry.sent.at > TRUSTED_MS;
}

export function failed(entry: Entry, error: CommandError): Entry {
  return { ...unsent(entry), status: "failed", error };
}

/** Returns the entry as if it had never been sent. */
export function unsent({ id, kind, command, at, status }: Entry): Entry {
  return { id, kind, command, at, status };
}

/** Returns the entry after its connection was lost: queued again, and unconfirmed if it was sent. */
export function afterDisconnect(entry: Entry): Entry {
  if (entry.seq !== undefined || entry.status === "failed") return entry;
  const { retryAt: _, ...rest } = entry;
  return { ...rest, status: "queued", ...(entry.sent !== undefined && { unconfirmed: true }) };
}

/**
 * Returns the seq to resume from: `head`, or the seq at which the oldest unconfirmed command was sent
 * if the room will have forgotten its id. The `welcome` then shows whether it was stored.
 */
export function resumeFrom(entries: readonly Entry[], head: number, now: number): number {
  let from = head;
  for (const { unconfirmed, sent } of entries) {
    if (unconfirmed && sent && now - sent.at > RESUME_FROM_MS) from = Math.min(from, sent.after);
  }
  return head - from > MAX_RESUME_EVENTS / 2 ? head : from;
}

/** OwnEvents are the client's own events that a `welcome` shows. */
export interface OwnEvents {
  readonly epoch: string;
  /** The log is another one than before. */
  readonly isNewLog: boolean;
  /** Seqs of own events by the id of their command. */
  readonly seqs: ReadonlyMap<string, number>;
  /** `seqs` has every own event after this seq, and every own message and notice after `itemsAfter`. */
  readonly eventsAfter: number;
  readonly itemsAfter: number;
  /** Unix ms. */
  readonly now: number;
}

/** Returns the entry after a `welcome` of its log that shows no event of it. */
export function afterRejoin(entry: Entry, own: OwnEvents): Entry {
  if (entry.status === "failed" || entry.sent === undefined) return entry;
  const { eventsAfter, itemsAfter } = own;
  const shownAfter = isChange(entry.command) ? eventsAfter : Math.min(itemsAfter, eventsAfter);
  if (entry.sent.after >= shownAfter) return unsent(entry);
  return isForgotten(entry, own.now) ? failed(entry, UNCONFIRMED) : entry;
}

/**
 * Returns the entry after a `welcome` of a new log that shows no event of it. Seqs of the old log mean nothing there,
 * so only messages can be sent. The room may have received an unconfirmed command after it had replaced the log.
 */
export function inNewLog(entry: Entry, own: OwnEvents): Entry {
  const { sent } = entry;
  const next = afterRejoin(sent === undefined ? entry : { ...entry, sent: { ...sent, after: 0 } }, own);
  if (next.command.type !== "send")
    return failed(next, next.error ?? (next.unconfirmed ? LOG_GONE_UNCONFIRMED : LOG_GONE));
  const { reply: _, ...command } = next.command;
  return { ...next, command };
}
