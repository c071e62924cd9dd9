/** The last messages of each room, kept in this browser: shown at once, and without a network. */
import * as v from "valibot";
import type { Gap, TimelineMessage } from "../../client/index.ts";
import { isGap } from "../timeline/rows.ts";
import { CACHE_PREFIX, itemNames, readJson, writeItem, writeJson } from "./storage.ts";

const KEPT_MESSAGES = 50;
/** Characters of one room's copy. */
const KEPT_LENGTH = 100_000;
const KEPT_ROOMS = 20;

const Messages = v.array(
  v.object({
    type: v.literal("message"),
    seq: v.number(),
    at: v.number(),
    user: v.string(),
    name: v.string(),
    text: v.string(),
    reply: v.exactOptional(v.number()),
    edited: v.exactOptional(v.number()),
    deleted: v.exactOptional(v.literal(true)),
    reactions: v.record(v.string(), v.array(v.string())),
  }),
);

/** Messages kept of `room`, oldest first. */
export function cachedMessages(room: string): readonly TimelineMessage[] {
  return readJson(CACHE_PREFIX + room, Messages) ?? [];
}

/** Keeps the newest of `items`, and of other rooms no more than a few. */
export function keepMessages(room: string, items: readonly (TimelineMessage | Gap)[]): void {
  const kept: TimelineMessage[] = [];
  let length = 0;
  for (let i = items.length - 1; i >= 0 && kept.length < KEPT_MESSAGES; i -= 1) {
    const item = items[i];
    if (item === undefined || isGap(item)) break;
    length += item.text.length + 100;
    if (length > KEPT_LENGTH) break;
    kept.unshift(item);
  }
  const rooms = itemNames(CACHE_PREFIX).filter((name) => name !== CACHE_PREFIX + room);
  for (const name of rooms.slice(KEPT_ROOMS - 1)) writeItem(name, null);
  writeJson(CACHE_PREFIX + room, kept);
}
