/** Decides which messages of a room are unread. Pure. */
import type { TimelineMessage } from "../../client/index.ts";
import { firstFrom, type Item, isGap, isMessage } from "./rows.ts";

/** SeqRange holds the events after `after` up to and including `to`, none of them missing. */
export interface SeqRange {
  readonly after: number;
  readonly to: number;
}

/** ReadPosition says what the user has seen: everything up to `seq`, and the ranges in `later`. */
export interface ReadPosition {
  readonly seq: number;
  /** Ordered by seq. They do not touch each other or `seq`. */
  readonly later: readonly SeqRange[];
}

/** Returns the position after the user has also seen `shown`; the same object if that changes nothing. */
export function withShown(position: ReadPosition, shown: SeqRange): ReadPosition {
  const { later } = position;
  if (shown.to <= position.seq) return position;
  if (later.some(({ after, to }) => after <= shown.after && shown.to <= to)) return position;
  let { seq } = position;
  const merged: SeqRange[] = [];
  for (const range of [...later, shown].sort((a, b) => a.after - b.after)) {
    const last = merged.at(-1);
    if (range.after <= seq) seq = Math.max(seq, range.to);
    else if (last !== undefined && range.after <= last.to)
      merged[merged.length - 1] = { after: last.after, to: Math.max(last.to, range.to) };
    else merged.push(range);
  }
  return { seq, later: merged };
}

export interface LoadedMessages {
  readonly items: readonly Item[];
  /** Older messages can be loaded. */
  readonly more: boolean;
  /** Seq of the newest event. */
  readonly head: number;
}

/** Returns the range of events that a view of the messages from `first` to `last` shows. */
export function shownRange({ items, more, head }: LoadedMessages, first: number, last: number): SeqRange {
  const before = items[firstFrom(items, first) - 1];
  const isLatest = items[firstFrom(items, last + 1)] === undefined;
  let after = more ? first - 1 : 0;
  if (before !== undefined) after = isGap(before) ? before.before - 1 : before.seq;
  return { after, to: isLatest ? Math.max(last, head) : last };
}

/** Unread is what the page shows about the messages that the user has not seen. */
export interface Unread {
  /** Number of loaded unread messages. */
  readonly total: number;
  /** Number of them above the view. */
  readonly above: number;
  /** The first unread message, if it is loaded. */
  readonly first: TimelineMessage | undefined;
  /** All unread messages are loaded. */
  readonly isComplete: boolean;
}

export const NOTHING_UNREAD: Unread = { total: 0, above: 0, first: undefined, isComplete: true };

/**
 * Returns the unread messages by other users.
 *
 * @param firstVisible - seq of the first message in the view
 * @param hidden - user ids whose messages never count
 */
export function countUnread(
  { items, more }: LoadedMessages,
  you: string,
  { seq, later }: ReadPosition,
  firstVisible: number,
  hidden: readonly string[],
): Unread {
  const oldest = items[0];
  let isComplete = !more || (oldest !== undefined && !isGap(oldest) && oldest.seq <= seq + 1);
  let total = 0;
  let above = 0;
  let first: TimelineMessage | undefined;
  for (let index = firstFrom(items, seq + 1); index < items.length; index += 1) {
    const item = items[index];
    if (item === undefined) break;
    if (isGap(item)) {
      isComplete = false;
      continue;
    }
    const isShown = later.some(({ after, to }) => after < item.seq && item.seq <= to);
    if (isShown || !isMessage(item) || item.deleted === true) continue;
    if (item.user === you || hidden.includes(item.user)) continue;
    first ??= item;
    total += 1;
    if (item.seq < firstVisible) above += 1;
  }
  return { total, above, first, isComplete };
}
