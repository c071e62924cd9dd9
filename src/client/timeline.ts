/** Timeline: the known messages and notices of a room, as a pure reducer of the server's lines. */

import { applyChange, type Change, isChange, type Message } from "../protocol/events.ts";
import type { Notice } from "../protocol/notices.ts";
import type { LogEntry } from "../protocol/server-lines.ts";

/** TimelineMessage is a message in its current form. */
export interface TimelineMessage extends Readonly<Message> {
  /** User ids by emoji, in the order of reacting. */
  readonly reactions: Readonly<Record<string, readonly string[]>>;
}

/** Gap stands for missing events: those with a seq between `after` and `before`, both exclusive. */
export interface Gap {
  readonly type: "gap";
  readonly after: number;
  /** Seq of the first known message after the gap, or of the head plus 1 if there is none. */
  readonly before: number;
}

/** TimelineItem is a message, a notice or a gap. Changes are applied to messages. */
export type TimelineItem = TimelineMessage | Notice | Gap;
type Item = TimelineItem;

/** Timeline is immutable. A message that did not change is the same object in the next timeline. */
export interface Timeline {
  /** In the order of seqs. The first is never a gap, and no two gaps are neighbours. */
  readonly items: readonly Item[];
  /** Seq of the newest event. */
  readonly head: number;
  /** Seq from which `items` has every message, gaps aside. */
  readonly start: number;
  /** The room has messages before `start`. */
  readonly more: boolean;
}

/** Recent items up to which an appended message copies no others. */
const MAX_RECENT = 1_000;

/**
 * ItemList is a timeline that builds its array `items` when it is read for the first time, so that a
 * new message does not copy thousands of known ones.
 */
class ItemList implements Timeline {
  readonly head: number;
  readonly start: number;
  readonly more: boolean;
  readonly settled: readonly Item[];
  /** The items after `settled`. Later lists share this array and append to it. */
  readonly recent: Item[];
  /** Number of recent items in this list; the ones after them belong to later lists. */
  readonly recentCount: number;
  #items: readonly Item[] | null = null;

  constructor(settled: readonly Item[], recent: Item[], rest: Omit<Timeline, "items">) {
    this.settled = settled;
    this.recent = recent;
    this.recentCount = recent.length;
    this.head = rest.head;
    this.start = rest.start;
    this.more = rest.more;
  }

  get items(): readonly Item[] {
    this.#items ??=
      this.recentCount === 0 ? this.settled : this.settled.concat(this.recent.slice(0, this.recentCount));
    return this.#items;
  }
}

/** Returns a timeline without messages at the position `head`. */
export function emptyTimeline(head: number): Timeline {
  return { items: [], head, start: head + 1, more: head > 0 };
}

/** EventWindow is the part of a `welcome` about the log. */
export interface EventWindow {
  readonly events: readonly LogEntry[];
  readonly seq: number;
  readonly more: boolean;
}

/** Returns the timeline of a `welcome` to a log that was not known before. */
export function beginTimeline(welcome: EventWindow): Timeline {
  const items = itemsOf(welcome.events);
  const start = welcome.events[0]?.seq ?? welcome.seq + 1;
  return { items, head: welcome.seq, start, more: welcome.more };
}

/**
 * Returns the timeline with the events that follow its head, none missing between them.
 *
 * @param ids - ids of own commands by the seq of their event
 */
export function appendEvents(
  timeline: Timeline,
  events: readonly LogEntry[],
  ids: ReadonlyMap<number, string>,
): Timeline {
  const last = events.at(-1);
  if (last === undefined) return timeline;
  const list = timeline instanceof ItemList ? timeline : new ItemList(timeline.items, [], timeline);
  let { settled, recent, recentCount: shared } = list;
  if (recent.length > shared) recent = recent.slice(0, shared); // another list has appended to it
  for (const event of events) {
    if (event.type === "opaque") continue;
    if (!isChange(event)) {
      recent.push(event.type === "message" ? withId(toItem(event), ids.get(event.seq)) : event);
      continue;
    }
    const inRecent = changedAt(recent, event);
    const changed = inRecent ?? changedAt(settled, event);
    if (changed === null) continue;
    if (inRecent === null) settled = settled.with(changed.index, changed.item);
    else if (changed.index >= shared) recent[changed.index] = changed.item;
    else {
      recent = recent.with(changed.index, changed.item);
      shared = 0;
    }
  }
  const rest = { head: last.seq, start: list.start, more: list.more };
  if (recent.length <= MAX_RECENT) return new ItemList(settled, recent, rest);
  return new ItemList(settled.concat(recent), [], rest);
}

/** Returns the timeline without its oldest items if it has more than `maxItems`; they can be loaded again. */
export function trimTimeline(timeline: Timeline, maxItems: number): Timeline {
  if (itemCount(timeline) <= maxItems) return timeline;
  // Removing a quarter at a time keeps the cost per message low.
  return withoutFirst(timeline, timeline.items.length - Math.ceil(maxItems * 0.75), true);
}

/**
 * Returns the timeline without the items that the room has dropped: those as old as `oldest` or older before the first
 * younger one. `oldest` and `now` are Unix ms by the server's clock. Items of the future are ignored.
 */
export function dropOld(timeline: Timeline, oldest: number, now: number): Timeline {
  let count = 0;
  for (const [index, item] of timeline.items.entries()) {
    if (item.type === "gap" || item.at > now) continue;
    if (item.at > oldest) break;
    count = index + 1;
  }
  if (count === 0) return timeline;
  return withoutFirst(timeline, count, timeline.more || timeline.items[count]?.type === "gap");
}

function withoutFirst({ items, head }: Timeline, count: number, more: boolean): Timeline {
  const kept = items.slice(items[count]?.type === "gap" ? count + 1 : count);
  const start = kept[0] === undefined ? head + 1 : startOf(kept[0]);
  return { items: kept, head, start, more };
}

function itemCount(timeline: Timeline): number {
  if (timeline instanceof ItemList) return timeline.settled.length + timeline.recentCount;
  return timeline.items.length;
}

/**
 * Returns the timeline with the events of a `welcome` that resumed. Its messages have their current
 * reactions, and later events repeat these; only the events have them in the right order.
 */
export function resumeTimeline(timeline: Timeline, events: readonly LogEntry[]): Timeline {
  const missed = events.filter((event) => event.seq > timeline.head);
  return appendEvents(timeline, missed.map(withoutReactions), new Map());
}

/** Returns the timeline with the message `seq` marked as the event of the own command `id`. */
export function claimMessage(timeline: Timeline, seq: number, id: string): Timeline {
  if (seq > timeline.head) return timeline;
  const { items, head, start, more } = timeline;
  const index = indexOf(items, seq);
  const item = items[index];
  if (item?.type !== "message" || item.seq !== seq || item.id === id) return timeline;
  return { items: items.with(index, withId(item, id)), head, start, more };
}

/** Returns the target of a change as it is after it, or `null` if it is not among `items` or did not change. */
function changedAt(items: readonly Item[], change: Change): { index: number; item: TimelineMessage } | null {
  const index = indexOf(items, change.target);
  const item = items[index];
  if (item?.type !== "message" || item.seq !== change.target) return null;
  const changed = applyChange(item, change);
  return changed === item ? null : { index, item: toItem(changed) };
}

/** Returns the index of the first item at `seq` or after it. */
export function indexOf(items: readonly Item[], seq: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && startOf(item) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the seq of an item; a gap has that of its first missing event. */
export function startOf(item: Item): number {
  return item.type === "gap" ? item.after + 1 : item.seq;
}

/** Returns the messages among `events` as timeline items. */
export function messagesOf(events: readonly LogEntry[]): TimelineMessage[] {
  return events.filter((event) => event.type === "message").map(toItem);
}

/** Returns the messages and notices among `events` as timeline items. */
export function itemsOf(events: readonly LogEntry[]): (TimelineMessage | Notice)[] {
  const items: (TimelineMessage | Notice)[] = [];
  for (const event of events) {
    if (event.type === "message") items.push(toItem(event));
    else if (event.type !== "opaque" && !isChange(event)) items.push(event);
  }
  return items;
}

function toItem(message: Message): TimelineMessage {
  return { ...message, reactions: message.reactions ?? {} };
}

function withoutReactions(event: LogEntry): LogEntry {
  if (event.type !== "message") return event;
  const { reactions: _, ...rest } = event;
  return rest;
}

export function withId(item: TimelineMessage, id: string | undefined): TimelineMessage {
  return id === undefined || id === item.id ? item : { ...item, id };
}
