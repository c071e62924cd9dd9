/** Outbox entry: one command that the room has not taken yet, and where it stands. */
import type { Command } from "../protocol/commands.ts";
import type { CommandError } from "../protocol/errors.ts";
import { IDEMPOTENCY_MS } from "../protocol/limits.ts";

export type OutboxCommand = Command<"send"> | Command<"edit"> | Command<"delete"> | Command<"react">;

/** OutboxEntry is a command on its way, as the user of the client sees it. */
export interface OutboxEntry {
  readonly id: string;
  readonly kind: OutboxCommand["type"];
  readonly command: OutboxCommand;
  /** When it was given, Unix ms. */
  readonly at: number;
  readonly status: "queued" | "sent" | "failed";
  /** Why it failed. */
  readonly error?: CommandError;
  /** When it leaves again after a rate limit, Unix ms. */
  readonly retryAt?: number;
}

/** Entry is an OutboxEntry with what the outbox itself needs to know. */
export interface Entry extends OutboxEntry {
  /** The first time that it may have reached the room: Unix ms, and the log's head as known then. */
  readonly sent?: { readonly at: number; readonly after: number };
  /** It was sent on a connection that is gone. */
  readonly doubtful?: true;
  /** Seq of its event: the room took it, and the event itself is still to come. */
  readonly seq?: number;
}

/** How long the room is trusted to know the id of a command that it took. */
const TRUSTED_MS = IDEMPOTENCY_MS - 30_000;
/** Why an entry fails that may have been carried out, long ago. */
export const FATE_UNKNOWN: CommandError = {
  code: "internal",
  message: "the connection was lost for too long to tell whether this was carried out",
};

/** Whether an entry still has to be answered. */
export function isWaiting(entry: Entry): boolean {
  return entry.status !== "failed" && entry.seq === undefined;
}

/** Whether the room owes an answer to an entry on this connection. */
export function isUnderWay(entry: Entry): boolean {
  return entry.status === "sent" && entry.seq === undefined;
}

/** Whether the room may have forgotten the id of an entry that it may have taken. */
export function isForgotten(entry: Entry, now: number): boolean {
  return entry.doubtful === true && entry.sent !== undefined && now - entry.sent.at > TRUSTED_MS;
}

/** The entry, refused for good. */
export function failed(entry: Entry, error: CommandError): Entry {
  return { ...cleared(entry), status: "failed", error };
}

/** The entry without anything that came of sending it. */
export function cleared({ id, kind, command, at, status }: Entry): Entry {
  return { id, kind, command, at, status };
}
