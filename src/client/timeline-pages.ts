/** Timeline pages: parts of the log in their current state, merged into a timeline. */
import type { LogEntry } from "../protocol/server-lines.ts";
import {
  beginTimeline,
  type EventWindow,
  type Gap,
  indexOf,
  itemsOf,
  startOf,
  type Timeline,
  type TimelineItem,
  type TimelineMessage,
  withId,
} from "./timeline.ts";

/**
 * Returns the timeline with a `welcome` of the same log that could not resume: the known items stay,
 * and a gap goes before the first message of the `welcome` if events may be missing there.
 */
export function rejoinTimeline(timeline: Timeline, welcome: EventWindow): Timeline {
  const { items, head, start, more } = timeline;
  const begun = beginTimeline(welcome);
  if (items.length === 0) return begun;
  const before = welcome.seq + 1;
  const opened = head < welcome.seq ? [...items, { type: "gap" as const, after: head, before }] : items;
  const merged = mergeRange(opened, itemsOf(welcome.events), begun.start, before);
  // A welcome with more messages than are known reaches further back.
  const rest = begun.start < start ? { start: begun.start, more: begun.more } : { start, more };
  return { items: merged, head: welcome.seq, ...rest };
}

/** Page is the part of a `history` line about the log. */
export interface Page {
  readonly events: readonly LogEntry[];
  readonly more: boolean;
}

/** Returns the timeline with a page of history: the newest messages before `before`. */
export function insertPage(timeline: Timeline, before: number, page: Page): Timeline {
  const { start, more, head } = timeline;
  const from = pageStart(page);
  const isOlder = from < start && before >= start;
  return {
    items: mergeRange(timeline.items, itemsOf(page.events), from, before),
    head,
    start: isOlder ? from : start,
    more: isOlder ? from > 0 : more,
  };
}

/** Returns the seq from which a page has every message; 0 if it has the oldest. */
export function pageStart(page: Page): number {
  return page.more ? (page.events[0]?.seq ?? 0) : 0;
}

/** Returns the gap that starts after `after`, in its current size. */
export function gapAfter(timeline: Timeline, after: number): Gap | undefined {
  const item = timeline.items[indexOf(timeline.items, after + 1)];
  return item?.type === "gap" && item.after === after ? item : undefined;
}

/** Returns the seq before which a page has known messages older than `before`, or `null` if there are none. */
export function knownBefore(timeline: Timeline, before: number): number | null {
  const item = timeline.items.findLast((each) => startOf(each) < before);
  if (item === undefined) return null;
  return item.type === "gap" ? item.after + 1 : item.seq + 1;
}

/** Returns `items` with `shown` in place of everything from seq `from` up to `before`. */
function mergeRange(
  items: readonly TimelineItem[],
  shown: readonly Exclude<TimelineItem, Gap>[],
  from: number,
  before: number,
): readonly TimelineItem[] {
  const older: TimelineItem[] = [];
  const newer: TimelineItem[] = [];
  // A known message that the room has pruned is in no page, and stays.
  const within = new Map<number, Exclude<TimelineItem, Gap>>();
  for (const item of items) {
    if (item.type !== "gap") {
      if (item.seq < from) older.push(item);
      else if (item.seq >= before) newer.push(item);
      else within.set(item.seq, item);
      continue;
    }
    if (item.after + 1 < from) older.push(item.before <= from ? item : { ...item, before: from });
    if (item.before > before) newer.push(item.after + 1 >= before ? item : { ...item, after: before - 1 });
  }
  for (const item of shown) {
    const known = within.get(item.seq);
    const isMessage = item.type === "message" && known?.type === "message";
    // A notice does not change.
    within.set(item.seq, isMessage ? updated(known, item) : (known ?? item));
  }
  const between = [...within.values()].sort((a, b) => a.seq - b.seq);
  return [...older, ...between, ...newer];
}

/** Returns `now`, or the object `known` if both are equal. The id of an own command is kept. */
function updated(known: TimelineMessage, now: TimelineMessage): TimelineMessage {
  const next = withId(now, now.id ?? known.id);
  const isSame =
    known.text === next.text &&
    known.edited === next.edited &&
    known.deleted === next.deleted &&
    known.moderated === next.moderated &&
    known.files?.length === next.files?.length &&
    known.id === next.id &&
    JSON.stringify(known.reactions) === JSON.stringify(next.reactions);
  return isSame ? known : next;
}
