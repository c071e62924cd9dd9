/**
 * Makes the rows of the timeline from messages and gaps. It adds the lines of days and of new messages, and groups
 * messages. Pure. A block of rows that did not change keeps its identity, so that it is not rendered again.
 */

import type { Gap, Notice, TimelineItem, TimelineMessage } from "../../client/index.ts";
import { firstIndex } from "./binary-search.ts";

export interface MessageRow {
  readonly type: "message";
  readonly key: string;
  readonly message: TimelineMessage;
  /** The first of a group of messages by one author. It shows the author's name and the time. */
  readonly first: boolean;
  /** The message that this one replies to, if it is loaded. */
  readonly quoted?: TimelineMessage;
}

export type Row =
  | MessageRow
  | { readonly type: "notice"; readonly key: string; readonly notice: Notice }
  | { readonly type: "day"; readonly key: string; readonly at: number }
  | { readonly type: "unread"; readonly key: string }
  | { readonly type: "gap"; readonly key: string; readonly gap: Gap };

export type Item = TimelineItem;

/** RowBlock is a run of rows that is drawn as a whole, or not at all while it is far from the visible range. */
export interface RowBlock {
  readonly key: string;
  readonly rows: readonly Row[];
  readonly input: BlockInput;
}

/** BlockInput is everything that the rows of a block depend on. */
interface BlockInput {
  readonly items: readonly Item[];
  /** The item before the block. */
  readonly before: Item | undefined;
  /** Position of the first unread item if it is in the block. */
  readonly unread: number | null;
  /** The messages that those of the block reply to, in the order of the replies. */
  readonly quotes: readonly (TimelineMessage | undefined)[];
}

export interface RowOptions {
  /** Seq after which the line of new messages is drawn; `null` for no line. */
  readonly unreadAfter: number | null;
  /** Returns a number that is equal for two times on the same day. */
  readonly dayOf: (at: number) => number;
  /** Number of the latest items to make rows of; all if absent. */
  readonly last?: number;
}

/** Seqs that one block spans. A block must be drawn within one frame. */
const BLOCK_SEQS = 4;
/** Maximum time between two messages of a group, ms. */
const GROUP_MS = 5 * 60_000;

export function isGap(item: Item): item is Gap {
  return item.type === "gap";
}

export function isMessage(item: Item | undefined): item is TimelineMessage {
  return item?.type === "message";
}

export function isNotice(item: Item | undefined): item is Notice {
  return item !== undefined && !isGap(item) && !isMessage(item);
}

/** Returns the message with `seq` in `items`, which are ordered by seq. */
export function findMessage(items: readonly Item[], seq: number): TimelineMessage | undefined {
  const item = items[firstFrom(items, seq)];
  return isMessage(item) && item.seq === seq ? item : undefined;
}

/** Returns the index of the first item that is at or after `seq`. */
export function firstFrom(items: readonly Item[], seq: number): number {
  return firstIndex(items.length, (index) => {
    const item = items[index];
    return item !== undefined && positionOf(item) >= seq;
  });
}

/** Returns where `item` stands among the seqs: a gap directly before the message after it. */
function positionOf(item: Item): number {
  return isGap(item) ? item.before - 0.5 : item.seq;
}

/** Returns the row blocks of `items`. Blocks of `previous` that did not change are reused. */
export function blocksOf(
  items: readonly Item[],
  options: RowOptions,
  previous: readonly RowBlock[] = [],
): readonly RowBlock[] {
  const reusable = new Map(previous.map((block) => [block.key, block]));
  const unread = firstUnread(items, options.unreadAfter);
  const blocks: RowBlock[] = [];
  for (let start = Math.max(0, items.length - (options.last ?? items.length)); start < items.length; ) {
    const key = keyOf(items[start]);
    let end = start + 1;
    while (end < items.length && keyOf(items[end]) === key) end += 1;
    const input = inputOf(items, start, end, unread);
    const old = reusable.get(key);
    if (old !== undefined && isSame(old.input, input)) blocks.push(old);
    else blocks.push({ key, input, rows: rowsOf(input, options.dayOf) });
    start = end;
  }
  return blocks;
}

/** Returns the key of the block of the message with `seq`. It depends on the seq only, so adding older messages keeps blocks. */
export function blockKey(seq: number): string {
  return String(Math.floor(seq / BLOCK_SEQS));
}

function keyOf(item: Item | undefined): string {
  return blockKey(item === undefined ? -1 : isGap(item) ? item.before : item.seq);
}

function firstUnread(items: readonly Item[], unreadAfter: number | null): number | null {
  if (unreadAfter === null) return null;
  const item = items[firstFrom(items, unreadAfter + 1)];
  return item === undefined ? null : positionOf(item);
}

function inputOf(all: readonly Item[], start: number, end: number, unread: number | null): BlockInput {
  const items = all.slice(start, end);
  const quotes = items.flatMap((item) =>
    isMessage(item) && item.reply !== undefined ? [findMessage(all, item.reply)] : [],
  );
  const here = unread !== null && items.some((item) => positionOf(item) === unread);
  return { items, before: all[start - 1], unread: here ? unread : null, quotes };
}

function isSame(a: BlockInput, b: BlockInput): boolean {
  return (
    a.before === b.before && a.unread === b.unread && areSame(a.items, b.items) && areSame(a.quotes, b.quotes)
  );
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function rowsOf({ items, before, unread, quotes }: BlockInput, dayOf: (at: number) => number): Row[] {
  const rows: Row[] = [];
  const nextQuote = [...quotes];
  let last = before;
  let lastShown = before === undefined || isGap(before) ? undefined : before;
  for (const item of items) {
    const isUnread = positionOf(item) === unread;
    if (isGap(item)) {
      if (isUnread) rows.push({ type: "unread", key: "unread" });
      rows.push({ type: "gap", key: `gap-${item.before}`, gap: item });
    } else {
      const newDay = lastShown === undefined || dayOf(lastShown.at) !== dayOf(item.at);
      if (newDay) rows.push({ type: "day", key: `day-${item.seq}`, at: item.at });
      if (isUnread) rows.push({ type: "unread", key: "unread" });
      rows.push(rowOf(item, newDay || isUnread || !isMessage(last) || !isSameGroup(last, item), nextQuote));
      lastShown = item;
    }
    last = item;
  }
  return rows;
}

/** Returns the row of a message or a notice. The message takes the one it replies to from `quotes`. */
function rowOf(item: Exclude<Item, Gap>, first: boolean, quotes: (TimelineMessage | undefined)[]): Row {
  const key = String(item.seq);
  if (!isMessage(item)) return { type: "notice", key, notice: item };
  const quoted = item.reply === undefined ? undefined : quotes.shift();
  const row = { type: "message", key, message: item, first } as const;
  return quoted === undefined ? row : { ...row, quoted };
}

function isSameGroup(a: TimelineMessage, b: Item): boolean {
  if (!isMessage(b)) return false;
  return a.user === b.user && a.name === b.name && b.reply === undefined && b.at - a.at < GROUP_MS;
}
