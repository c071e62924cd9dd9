/** The latest messages of each visited room, stored in this browser: shown before and without a connection. */
import * as v from "valibot";
import type { TimelineItem, TimelineMessage } from "../../client/index.ts";
import { Message } from "../../protocol/events.ts";
import { DAY_MS } from "../../protocol/retention.ts";
import { CACHE_PREFIX, itemNames, readJson, writeItem, writeJson } from "./browser-storage.ts";
import { setLastMessage } from "./visits.ts";

const MAX_MESSAGES = 50;
/** Characters for one room, estimated. */
const MAX_LENGTH = 100_000;
const MAX_ROOMS = 20;

const Copy = v.object({
  messages: v.array(Message),
  /** Days for which the room keeps a message; absent: no limit. */
  days: v.exactOptional(v.number()),
});

/** Returns the stored messages of `room`, oldest first, without those that the room has dropped since. */
export function cachedMessages(room: string): readonly TimelineMessage[] {
  const { messages = [], days } = readJson(CACHE_PREFIX + room, Copy) ?? {};
  const oldest = days === undefined ? 0 : Date.now() - days * DAY_MS;
  const kept = messages.filter(({ at }) => at > oldest);
  if (kept.length < messages.length) writeJson(CACHE_PREFIX + room, { messages: kept, days });
  return kept.map((message) => ({ ...message, reactions: message.reactions ?? {} }));
}

/** Removes all stored messages of `room`: the user may not read it any more. */
export function forgetMessages(room: string): void {
  writeItem(CACHE_PREFIX + room, null);
  setLastMessage(room, undefined);
}

/**
 * Stores the newest of `items` without a gap between them; removes the copies of rooms beyond `MAX_ROOMS`.
 *
 * @param days - days for which the room keeps a message, or `null`
 */
export function cacheMessages(room: string, items: readonly TimelineItem[], days: number | null): void {
  const kept: TimelineMessage[] = [];
  let length = 0;
  for (let i = items.length - 1; i >= 0 && kept.length < MAX_MESSAGES; i -= 1) {
    const item = items[i];
    if (item === undefined || item.type === "gap") break;
    if (item.type !== "message") continue;
    length += item.text.length + 100;
    if (length > MAX_LENGTH) break;
    kept.unshift(item);
  }
  const rooms = itemNames(CACHE_PREFIX).filter((name) => name !== CACHE_PREFIX + room);
  for (const name of rooms.slice(MAX_ROOMS - 1)) writeItem(name, null);
  writeJson(CACHE_PREFIX + room, { messages: kept, ...(days !== null && { days }) });
}
