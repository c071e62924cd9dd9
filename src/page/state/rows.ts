/**
 * Rows of the timeline: what is shown between the messages (days, gaps, the line of what is new) and which
 * messages go together. Pure; blocks whose messages did not change keep their identity, so that views
 * of thousands of messages are not drawn again.
 */
import type { Gap, TimelineMessage } from "../../client/index.ts";

export interface MessageRow {
  readonly type: "message";
  readonly key: string;
  readonly message: TimelineMessage;
  /** The first of its author's messages that go together: it shows who and when. */
  readonly first: boolean;
  /** The message that this one answers, where it is loaded. */
  readonly quoted?: TimelineMessage;
}

export type Row =
  | MessageRow
  | { readonly type: "day"; readonly key: string; readonly at: number }
  | { readonly type: "unread"; readonly key: string }
  | { readonly type: "gap"; readonly key: string; readonly gap: Gap };

export type Item = TimelineMessage | Gap;

/** Block is a run of rows that is drawn, or left out while far from the screen, as one. */
export interface Block {
  readonly key: string;
  readonly rows: readonly Row[];
  readonly basis: Basis;
}

/** Basis is everything that a block's rows are made from. */
interface Basis {
  readonly items: readonly Item[];
  /** What stands before the block. */
  readonly before: Item | undefined;
  /** Seq of the first unread message, where it is in the block. */
  readonly unread: number | null;
  /** What the messages answer, in their order. */
  readonly quotes: readonly (TimelineMessage | undefined)[];
}

export interface RowOptions {
  /** Seq of the last message that was read, where the line of new messages is to be shown. */
  readonly unreadAfter: number | null;
  /** A number that is the same for two times of one day, in the reader's time zone. */
  readonly dayOf: (at: number) => number;
  /** Only so many of the last items are shown; without it, all. */
  readonly last?: number;
}

/** Seqs that one block spans: few enough to be drawn within a frame when it comes near the view. */
const BLOCK_SEQS = 4;
/** Messages of one author further apart than this do not go together. */
const GROUP_MS = 5 * 60_000;

export function isGap(item: Item): item is Gap {
  return item.type === "gap";
}

/** Message with `seq` among `items`, which are in the order of their seqs. */
export function findMessage(items: readonly Item[], seq: number): TimelineMessage | undefined {
  const item = items[firstFrom(items, seq)];
  return item !== undefined && !isGap(item) && item.seq === seq ? item : undefined;
}

/** Index of the first of `items` that is a message with `seq` or comes after it. */
function firstFrom(items: readonly Item[], seq: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    const place = item === undefined ? 0 : isGap(item) ? item.before - 0.5 : item.seq;
    if (place < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Blocks of `items`; of `previous`, those that still hold are used again. */
export function blocksOf(
  items: readonly Item[],
  options: RowOptions,
  previous: readonly Block[] = [],
): readonly Block[] {
  const known = new Map(previous.map((block) => [block.key, block]));
  const unread = firstUnread(items, options.unreadAfter);
  const blocks: Block[] = [];
  for (let start = Math.max(0, items.length - (options.last ?? items.length)); start < items.length; ) {
    const key = keyOf(items[start]);
    let end = start + 1;
    while (end < items.length && keyOf(items[end]) === key) end += 1;
    const basis = basisOf(items, start, end, unread);
    const old = known.get(key);
    if (old !== undefined && isSame(old.basis, basis)) blocks.push(old);
    else blocks.push({ key, basis, rows: rowsOf(basis, options.dayOf) });
    start = end;
  }
  return blocks;
}

/** Key of the block that the message with `seq` is in: by the seq, so that older messages coming in leave the others alone. */
export function blockKey(seq: number): string {
  return String(Math.floor(seq / BLOCK_SEQS));
}

function keyOf(item: Item | undefined): string {
  return blockKey(item === undefined ? -1 : isGap(item) ? item.before : item.seq);
}

function firstUnread(items: readonly Item[], unreadAfter: number | null): number | null {
  if (unreadAfter === null) return null;
  for (let i = firstFrom(items, unreadAfter + 1); i < items.length; i += 1) {
    const item = items[i];
    if (item !== undefined && !isGap(item)) return item.seq;
  }
  return null;
}

function basisOf(all: readonly Item[], start: number, end: number, unread: number | null): Basis {
  const items = all.slice(start, end);
  const quotes = items.flatMap((item) =>
    isGap(item) || item.reply === undefined ? [] : [findMessage(all, item.reply)],
  );
  const here = unread !== null && items.some((item) => !isGap(item) && item.seq === unread);
  return { items, before: all[start - 1], unread: here ? unread : null, quotes };
}

function isSame(a: Basis, b: Basis): boolean {
  return (
    a.before === b.before && a.unread === b.unread && areSame(a.items, b.items) && areSame(a.quotes, b.quotes)
  );
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function rowsOf({ items, before, unread, quotes }: Basis, dayOf: (at: number) => number): Row[] {
  const rows: Row[] = [];
  const answered = [...quotes];
  let last = before;
  let said = before === undefined || isGap(before) ? undefined : before;
  for (const item of items) {
    if (isGap(item)) {
      rows.push({ type: "gap", key: `gap-${item.before}`, gap: item });
    } else {
      const newDay = said === undefined || dayOf(said.at) !== dayOf(item.at);
      const isUnread = item.seq === unread;
      if (newDay) rows.push({ type: "day", key: `day-${item.seq}`, at: item.at });
      if (isUnread) rows.push({ type: "unread", key: "unread" });
      const first = newDay || isUnread || last === undefined || isGap(last) || !goTogether(last, item);
      const quoted = item.reply === undefined ? undefined : answered.shift();
      const row = { type: "message", key: String(item.seq), message: item, first } as const;
      rows.push(quoted === undefined ? row : { ...row, quoted });
      said = item;
    }
    last = item;
  }
  return rows;
}

function goTogether(a: TimelineMessage, b: TimelineMessage): boolean {
  return a.user === b.user && a.name === b.name && b.reply === undefined && b.at - a.at < GROUP_MS;
}
