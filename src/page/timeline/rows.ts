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

/** Block is a run of rows that is drawn, and skipped while off the screen, as one. */
export interface Block {
  readonly key: string;
  readonly rows: readonly Row[];
  /** Everything that the rows were made from, to see whether they still hold. */
  readonly basis: readonly unknown[];
}

export interface RowOptions {
  /** Seq of the last message that was read, where the line of new messages is to be shown. */
  readonly unreadAfter: number | null;
  /** A number that is the same for two times of one day, in the reader's time zone. */
  readonly dayOf: (at: number) => number;
}

/** Seqs that one block spans. */
const BLOCK_SEQS = 50;
/** Messages of one author further apart than this do not go together. */
const GROUP_MS = 5 * 60_000;

type Item = TimelineMessage | Gap;

export function isGap(item: Item): item is Gap {
  return item.type === "gap";
}

/** Blocks of all `items`; of `previous`, those that still hold are used again. */
export function blocksOf(
  items: readonly Item[],
  options: RowOptions,
  previous: readonly Block[] = [],
): readonly Block[] {
  const known = new Map(previous.map((block) => [block.key, block]));
  const bySeq = new Map<number, TimelineMessage>();
  for (const item of items) if (!isGap(item)) bySeq.set(item.seq, item);
  const unreadSeq = firstUnread(items, options.unreadAfter);
  const blocks: Block[] = [];
  let before: Item | undefined;
  for (const run of runsOf(items)) {
    const basis = basisOf(run.items, before, bySeq, unreadSeq);
    const old = known.get(run.key);
    const same = old?.basis.length === basis.length && old.basis.every((value, i) => value === basis[i]);
    blocks.push(
      old && same ? old : { key: run.key, basis, rows: rowsOf(run.items, before, bySeq, unreadSeq, options) },
    );
    before = run.items.at(-1);
  }
  return blocks;
}

interface Run {
  readonly key: string;
  readonly items: Item[];
}

/** Items by the span of seqs that they fall into, so that older messages coming in leave the others alone. */
function runsOf(items: readonly Item[]): Run[] {
  const runs: Run[] = [];
  for (const item of items) {
    const key = String(Math.floor((isGap(item) ? item.before : item.seq) / BLOCK_SEQS));
    const last = runs.at(-1);
    if (last?.key === key) last.items.push(item);
    else runs.push({ key, items: [item] });
  }
  return runs;
}

function basisOf(
  items: readonly Item[],
  before: Item | undefined,
  bySeq: ReadonlyMap<number, TimelineMessage>,
  unreadSeq: number | null,
): unknown[] {
  const basis: unknown[] = [
    before,
    items.some((item) => !isGap(item) && item.seq === unreadSeq) ? unreadSeq : null,
  ];
  for (const item of items) {
    basis.push(item);
    if (!isGap(item) && item.reply !== undefined) basis.push(bySeq.get(item.reply));
  }
  return basis;
}

function firstUnread(items: readonly Item[], unreadAfter: number | null): number | null {
  if (unreadAfter === null) return null;
  for (const item of items) if (!isGap(item) && item.seq > unreadAfter) return item.seq;
  return null;
}

function rowsOf(
  items: readonly Item[],
  before: Item | undefined,
  bySeq: ReadonlyMap<number, TimelineMessage>,
  unreadSeq: number | null,
  { dayOf }: RowOptions,
): Row[] {
  const rows: Row[] = [];
  let last = before;
  let said = before === undefined || isGap(before) ? undefined : before;
  for (const item of items) {
    if (isGap(item)) {
      rows.push({ type: "gap", key: `gap-${item.before}`, gap: item });
    } else {
      const newDay = said === undefined || dayOf(said.at) !== dayOf(item.at);
      said = item;
      if (newDay) rows.push({ type: "day", key: `day-${item.seq}`, at: item.at });
      const unread = item.seq === unreadSeq;
      if (unread) rows.push({ type: "unread", key: "unread" });
      const quoted = item.reply === undefined ? undefined : bySeq.get(item.reply);
      rows.push({
        type: "message",
        key: String(item.seq),
        message: item,
        first: newDay || unread || last === undefined || isGap(last) || !goTogether(last, item),
        ...(quoted === undefined ? {} : { quoted }),
      });
    }
    last = item;
  }
  return rows;
}

function goTogether(a: TimelineMessage, b: TimelineMessage): boolean {
  return a.user === b.user && a.name === b.name && b.reply === undefined && b.at - a.at < GROUP_MS;
}
