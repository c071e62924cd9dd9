/** Timeline: what is known of a room's messages, as a pure reducer of what the server says. */

import type { Change, Message, RoomEvent } from "../protocol/events.ts";
import { applyChange } from "../protocol/events.ts";

/** TimelineMessage is a message as it now stands. */
export interface TimelineMessage extends Readonly<Message> {
  /** User ids by emoji, in the order in which they reacted. */
  readonly reactions: Readonly<Record<string, readonly string[]>>;
}

/** Gap stands where events are missing: those with a seq between `after` and `before`, neither included. */
export interface Gap {
  readonly type: "gap";
  readonly after: number;
  /** Seq of the first known message after the gap; one past the head where there is none yet. */
  readonly before: number;
}

/** Timeline is immutable; messages that did not change are the same objects in the next one. */
export interface Timeline {
  /** In seq order; the first is never a gap, and no two gaps are neighbours. */
  readonly items: readonly (TimelineMessage | Gap)[];
  /** Seq of the newest event taken in. */
  readonly head: number;
  /** Older messages exist before the first item. */
  readonly more: boolean;
}

export const EMPTY_TIMELINE: Timeline = { items: [], head: 0, more: false };

/**
 * Items beyond which the oldest are let go, and how many stay: a program may listen for months.
 * They can be loaded again.
 */
const MAX_ITEMS = 20_000;
const KEPT_ITEMS = 15_000;

/** What a `welcome` says of the log. */
export interface Excerpt {
  readonly events: readonly RoomEvent[];
  readonly seq: number;
  readonly more: boolean;
}

/** Timeline that begins with a `welcome`: for the first one, and for a log that is another than before. */
export function beginTimeline(welcome: Excerpt): Timeline {
  const items = welcome.events.filter((event) => event.type === "message").map(toItem);
  return { items, head: welcome.seq, more: welcome.more };
}

/**
 * Takes in events that follow the head without a hole.
 *
 * @param ids - ids of own commands by the seq that they got
 */
export function appendEvents(
  timeline: Timeline,
  events: readonly RoomEvent[],
  ids: ReadonlyMap<number, string>,
): Timeline {
  if (events.length === 0) return timeline;
  // What is known may be long: it is copied once for all events, however many there are.
  let changed: (TimelineMessage | Gap)[] | null = null;
  const added: (TimelineMessage | Gap)[] = [];
  for (const event of events) {
    if (event.type === "message") added.push(withId(toItem(event), ids.get(event.seq)));
    else if (!alter(added, event)) {
      changed ??= timeline.items.slice();
      alter(changed, event);
    }
  }
  const known = changed ?? timeline.items;
  let items = added.length > 0 ? known.concat(added) : known;
  let { more } = timeline;
  if (items.length > MAX_ITEMS) {
    items = items.slice(-KEPT_ITEMS);
    if (items[0]?.type === "gap") items = items.slice(1);
    more = true;
  }
  return { items, head: events.at(-1)?.seq ?? timeline.head, more };
}

/**
 * Takes in the events of a `welcome` that resumed. Its messages stand as they do now, with the
 * reactions that its later events tell of as well; taken from those alone, their order is right.
 */
export function resumeTimeline(timeline: Timeline, events: readonly RoomEvent[]): Timeline {
  const missed = events.filter((event) => event.seq > timeline.head);
  return appendEvents(timeline, missed.map(withoutReactions), new Map());
}

/**
 * Takes in a `welcome` of the same log that could not resume: what was known stays, and a gap
 * stands where anything may be missing between that and the first message told now.
 */
export function rejoinTimeline(timeline: Timeline, welcome: Excerpt): Timeline {
  const { items, head, more } = timeline;
  const begun = beginTimeline(welcome);
  if (items.length === 0) return begun;
  const before = welcome.seq + 1;
  const opened = head < welcome.seq ? [...items, { type: "gap" as const, after: head, before }] : items;
  const from = begun.items[0];
  const merged = from === undefined ? opened : cover(opened, begun.items, startOf(from), before);
  return { items: merged, head: welcome.seq, more };
}

/** What a `history` line says of the log. */
export interface Page {
  readonly events: readonly Message[];
  readonly more: boolean;
}

/** Takes in a page of history: the newest messages before `before`. */
export function insertPage(timeline: Timeline, before: number, page: Page): Timeline {
  const from = pageStart(page);
  const oldest = oldestSeq(timeline);
  return {
    items: cover(timeline.items, page.events.map(toItem), from, before),
    head: timeline.head,
    more: from < oldest && before >= oldest ? from > 0 : timeline.more,
  };
}

/** Seq from which a page tells everything; 0 where there is nothing older. */
export function pageStart(page: Page): number {
  return page.more ? (page.events[0]?.seq ?? 0) : 0;
}

/** Marks the message of `seq` as made by the own command `id`. */
export function claimMessage(timeline: Timeline, seq: number, id: string): Timeline {
  const index = find(timeline.items, seq);
  const item = timeline.items[index];
  if (item?.type !== "message" || item.seq !== seq || item.id === id) return timeline;
  return { ...timeline, items: timeline.items.with(index, withId(item, id)) };
}

/** Seq before which nothing is known: older history is asked for from there. */
export function oldestSeq(timeline: Timeline): number {
  const [first] = timeline.items;
  return first === undefined ? timeline.head + 1 : startOf(first);
}

/** The gap that begins after `after`, as it now is. */
export function gapAfter(timeline: Timeline, after: number): Gap | undefined {
  const item = timeline.items[find(timeline.items, after + 1)];
  return item?.type === "gap" && item.after === after ? item : undefined;
}

/** Seq before which a page holds known messages older than `before`, or `null` where none are known. */
export function knownBefore(timeline: Timeline, before: number): number | null {
  const item = timeline.items.findLast((each) => startOf(each) < before);
  if (item === undefined) return null;
  return item.type === "gap" ? item.after + 1 : item.seq + 1;
}

/** Replaces what `items` hold from seq `from` up to `before` by `messages`, which are all there are. */
function cover(
  items: Timeline["items"],
  messages: Timeline["items"],
  from: number,
  before: number,
): Timeline["items"] {
  const older: (TimelineMessage | Gap)[] = [];
  const newer: (TimelineMessage | Gap)[] = [];
  // What was pruned meanwhile is in no page, but it is known, so it stays.
  const within = new Map<number, TimelineMessage>();
  for (const item of items) {
    if (item.type === "message") {
      if (item.seq < from) older.push(item);
      else if (item.seq >= before) newer.push(item);
      else within.set(item.seq, item);
      continue;
    }
    if (item.after + 1 < from) older.push(item.before <= from ? item : { ...item, before: from });
    if (item.before > before) newer.push(item.after + 1 >= before ? item : { ...item, after: before - 1 });
  }
  for (const message of messages) {
    if (message.type !== "message") continue;
    const known = within.get(message.seq);
    within.set(message.seq, known === undefined ? message : renewed(known, message));
  }
  const between = [...within.values()].sort((a, b) => a.seq - b.seq);
  return [...older, ...between, ...newer];
}

/** `now`, or the object `known` where it says the same. The id of an own command is never unlearned. */
function renewed(known: TimelineMessage, now: TimelineMessage): TimelineMessage {
  const next = withId(now, now.id ?? known.id);
  const same =
    known.text === next.text &&
    known.edited === next.edited &&
    known.deleted === next.deleted &&
    known.id === next.id &&
    JSON.stringify(known.reactions) === JSON.stringify(next.reactions);
  return same ? known : next;
}

/** Applies a change to the message that it is about. Returns whether that is among `items`: in a gap it is not. */
function alter(items: (TimelineMessage | Gap)[], change: Change): boolean {
  const index = find(items, change.target);
  const item = items[index];
  if (item?.type !== "message" || item.seq !== change.target) return false;
  const changed = applyChange(item, change);
  if (changed !== item) items[index] = toItem(changed);
  return true;
}

/** Index of the first item that is at `seq` or after it: a gap is where its first missing event is. */
function find(items: Timeline["items"], seq: number): number {
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

function startOf(item: TimelineMessage | Gap): number {
  return item.type === "gap" ? item.after + 1 : item.seq;
}

function toItem(message: Message): TimelineMessage {
  return { ...message, reactions: message.reactions ?? {} };
}

function withoutReactions(event: RoomEvent): RoomEvent {
  if (event.type !== "message") return event;
  const { reactions: _, ...rest } = event;
  return rest;
}

function withId(item: TimelineMessage, id: string | undefined): TimelineMessage {
  return id === undefined || id === item.id ? item : { ...item, id };
}
