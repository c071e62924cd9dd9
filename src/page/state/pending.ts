/** The messages with the commands in the outbox applied: how the room will look once it has accepted them. Pure. */
import type { OutboxEntry, TimelineMessage } from "../../client/index.ts";
import { applyChange, type Change } from "../../protocol/events.ts";
import { fileAddresses, withAddresses } from "../../protocol/files.ts";
import { type Item, isMessage } from "./rows.ts";

/** PendingSend is an own message that the room has not accepted yet. */
export interface PendingSend {
  readonly id: string;
  readonly text: string;
  readonly reply?: number;
  /** Number of its files. */
  readonly files?: number;
  readonly at: number;
  /** Absent while its files are being uploaded: it is not in the outbox yet. */
  readonly entry?: OutboxEntry;
}

/** Returns the own messages in the outbox, oldest first. */
export function pendingSends(outbox: readonly OutboxEntry[]): readonly PendingSend[] {
  return outbox.flatMap((entry) => {
    const { command } = entry;
    if (command.type !== "send") return [];
    const { text, reply, files } = command;
    const { id, at } = entry;
    return [{ id, text, at, entry, ...(reply && { reply }), ...(files && { files: files.length }) }];
  });
}

/** Returns the own messages in the outbox and the `waiting` ones, oldest first. */
export function allPending(
  outbox: readonly OutboxEntry[],
  waiting: readonly PendingSend[] = [],
): readonly PendingSend[] {
  const sends = pendingSends(outbox);
  const others = waiting.filter(({ id }) => sends.every((send) => send.id !== id));
  return others.length === 0 ? sends : [...sends, ...others].sort((a, b) => a.at - b.at);
}

/** Returns the messages that are rejected in `after` and were not in `before`, oldest first. */
export function newlyRejected(
  before: readonly OutboxEntry[],
  after: readonly OutboxEntry[],
): readonly PendingSend[] {
  if (before === after) return [];
  const known = new Set(before.filter(isRejected).map(({ id }) => id));
  return pendingSends(after.filter((entry) => isRejected(entry) && !known.has(entry.id)));
}

function isRejected({ status }: OutboxEntry): boolean {
  return status === "failed";
}

/** Returns `items` with the pending changes by the user `you` applied, and the `hidden` messages deleted. */
export function withPending(
  items: readonly Item[],
  outbox: readonly OutboxEntry[],
  you: string,
  hidden: ReadonlySet<number>,
): readonly Item[] {
  const changes = new Map<number, Change[]>();
  const add = (change: Change): void => {
    changes.set(change.target, [...(changes.get(change.target) ?? []), change]);
  };
  for (const { command, status, at } of outbox) {
    if (status === "failed") continue;
    if (command.type === "edit" || command.type === "delete" || command.type === "react")
      add({ ...command, seq: command.target, at, user: you, name: "" });
  }
  for (const target of hidden) add({ type: "delete", target, seq: target, at: 0, user: you, name: "" });
  if (changes.size === 0) return items;
  return items.map((item) => {
    const own = isMessage(item) ? changes.get(item.seq) : undefined;
    return isMessage(item) && own !== undefined ? own.reduce(applied, item) : item;
  });
}

function applied(message: TimelineMessage, change: Change): TimelineMessage {
  // The room adds the addresses of the files to an edited text.
  const text = change.type === "edit" ? { text: withAddresses(change.text, fileAddresses(message)) } : {};
  const changed = applyChange(message, { ...change, ...text });
  return changed === message ? message : { ...changed, reactions: changed.reactions ?? {} };
}
