/** The timeline as it will stand once what is on its way has arrived. Pure. */
import type { OutboxEntry, TimelineMessage } from "../../client/index.ts";
import { type Item, isGap } from "../timeline/rows.ts";

/** PendingSend is a message of one's own that the room has not taken yet. */
export interface PendingSend {
  readonly id: string;
  readonly text: string;
  readonly reply?: number;
  readonly at: number;
  readonly entry: OutboxEntry;
}

/** Messages of one's own that are on their way, oldest first. */
export function pendingSends(outbox: readonly OutboxEntry[]): readonly PendingSend[] {
  return outbox.flatMap((entry) => {
    const { command } = entry;
    if (command.type !== "send") return [];
    const { text, reply } = command;
    return [{ id: entry.id, text, at: entry.at, entry, ...(reply === undefined ? {} : { reply }) }];
  });
}

/** Messages that are refused in `after` and were not in `before`, oldest first. */
export function newlyRefused(
  before: readonly OutboxEntry[],
  after: readonly OutboxEntry[],
): readonly PendingSend[] {
  if (before === after) return [];
  const known = new Set(before.filter(isRefused).map(({ id }) => id));
  return pendingSends(after.filter((entry) => isRefused(entry) && !known.has(entry.id)));
}

function isRefused({ status }: OutboxEntry): boolean {
  return status === "failed";
}

/** `items` with the changes that are on their way already made, and the `hidden` ones deleted. */
export function withPending(
  items: readonly Item[],
  outbox: readonly OutboxEntry[],
  you: string,
  hidden: ReadonlySet<number>,
): readonly Item[] {
  const changes = outbox.filter(({ kind, status }) => kind !== "send" && status !== "failed");
  if (changes.length === 0 && hidden.size === 0) return items;
  const byTarget = new Map<number, OutboxEntry[]>();
  for (const entry of changes) {
    if (entry.command.type === "send") continue;
    const { target } = entry.command;
    byTarget.set(target, [...(byTarget.get(target) ?? []), entry]);
  }
  return items.map((item) => {
    if (isGap(item)) return item;
    if (hidden.has(item.seq)) return deleted(item);
    return (byTarget.get(item.seq) ?? []).reduce((message, entry) => change(message, entry, you), item);
  });
}

function deleted(message: TimelineMessage): TimelineMessage {
  return { ...message, text: "", deleted: true, reactions: {} };
}

function change(message: TimelineMessage, { command, at }: OutboxEntry, you: string): TimelineMessage {
  switch (command.type) {
    case "edit":
      return { ...message, text: command.text, edited: message.edited ?? at };
    case "delete":
      return deleted(message);
    case "react":
      return { ...message, reactions: react(message.reactions, command.emoji, you, command.on) };
    case "send":
      return message;
  }
}

function react(
  reactions: TimelineMessage["reactions"],
  emoji: string,
  user: string,
  on: boolean,
): TimelineMessage["reactions"] {
  const users = (reactions[emoji] ?? []).filter((other) => other !== user);
  const { [emoji]: _, ...others } = reactions;
  if (on) return { ...reactions, [emoji]: [...users, user] };
  return users.length === 0 ? others : { ...reactions, [emoji]: users };
}
