/** Unread messages in the visited rooms that are not open, requested over HTTP. */
import { computed, signal } from "@preact/signals";
import * as v from "valibot";
import { guestName } from "../../protocol/display-name.ts";
import { Message } from "../../protocol/events.ts";
import { ownText } from "../../protocol/files.ts";
import { forgetMessages } from "../storage/message-cache.ts";
import { passwordProof } from "../storage/room-secrets.ts";
import { identityKey, ownName, settings } from "../storage/settings.ts";
import { setLastMessage, setTitle, type Visit, visits } from "../storage/visits.ts";
import { mentions } from "../text/mentions.ts";
import { openRoom } from "./navigation.ts";

/** Events requested to count the messages among them; a larger number is shown as "99+". */
const MAX_EVENTS = 100;

const Head = v.object({ epoch: v.string(), seq: v.number(), title: v.exactOptional(v.string()) });
const Events = v.object({ events: v.array(v.unknown()) });
/** Newest messages and notices requested to find the last message. */
const LATEST = 20;
/** Over HTTP, reactions are numbers. */
const LatestMessage = v.omit(Message, ["reactions"]);

/** Unread is what is new in one room. */
export interface Unread {
  /** Messages of others, at most 100. */
  readonly messages: number;
  /** Messages among them that mention this user. */
  readonly mentions: number;
}

/** Count is the state of a room's log when its messages were counted. */
interface Count extends Unread {
  readonly seq: number;
}

const NONE: Unread = { messages: 0, mentions: 0 };
const counts = signal<ReadonlyMap<string, Count>>(new Map());

/** Rooms that are not open, and that do not let the user in. */
const shutRooms = signal<ReadonlySet<string>>(new Set());

/** Returns whether the user cannot read `room`. */
export function isShut(room: string): boolean {
  const open = openRoom.value;
  return open?.name === room ? open.isOutside.value : shutRooms.value.has(room);
}

/** Returns what is new in `room` since it was last open here. */
export function unreadOf(room: string): Unread {
  const count = counts.value.get(room);
  const read = visits.value.find((entry) => entry.room === room)?.seq ?? 0;
  return count !== undefined && read < count.seq && room !== openRoom.value?.name ? count : NONE;
}

/** What is new in all rooms of the list that are neither open nor muted. */
export const unreadElsewhere = computed((): Unread => {
  const rooms = visits.value.filter(({ room }) => !settings.value.muted.includes(room));
  const found = rooms.map(({ room }) => unreadOf(room));
  return {
    messages: found.reduce((sum, { messages }) => sum + messages, 0),
    mentions: found.reduce((sum, { mentions }) => sum + mentions, 0),
  };
});

/** Returns a number as badges show it. */
export function badgeText(count: number): string {
  return count > 99 ? "99+" : String(count);
}

/** Returns whether `message` in a room that is not open mentions this user. */
export function mentionsMe(visit: Visit, message: Message): boolean {
  return mentions(ownText(message), ownName.peek() || guestName(visit.user));
}

/**
 * Counts the unread messages of a room. Returns the messages of others that are new since the last call, which are
 * none at the first call; `null` if the room's log did not change.
 */
export async function updateUnread(visit: Visit): Promise<readonly Message[] | null> {
  const { room, epoch, seq: read } = visit;
  const address = addressOf(room);
  const headers = headersFor(room);
  const head = await getJson(address, headers, Head);
  if (head === null) return null;
  setTitle(room, head.title);
  // A room reads as unused to a user who may not enter it.
  setShut(room, head.epoch === "" && epoch !== "");
  const before = counts.peek().get(room);
  if (before?.seq === head.seq) return null;
  const set = (unread: Unread): void => {
    counts.value = new Map(counts.peek()).set(room, { ...unread, seq: head.seq });
  };
  // The log that the stored messages are from is gone.
  if (head.epoch !== epoch && epoch !== "") forgetMessages(room);
  if (head.epoch !== epoch || head.seq <= read) {
    set(NONE);
    return [];
  }
  const query = new URLSearchParams({ after: String(read), epoch, limit: String(MAX_EVENTS) });
  const page = await getJson(`${address}/messages?${query}`, headers, Events);
  if (page === null) return null;
  const all = page.events.flatMap((event) => {
    const message = v.safeParse(Message, event);
    return message.success ? [message.output] : [];
  });
  // An event that is no message may have changed the last message.
  const isLatest = page.events.length < MAX_EVENTS && all.length === page.events.length;
  await updateLast(room, isLatest ? all.at(-1) : undefined);
  const { hidden } = settings.peek();
  const messages = all.filter(({ user }) => user !== visit.user && !hidden.includes(user));
  const own = messages.filter((message) => mentionsMe(visit, message));
  set({ messages: messages.length, mentions: own.length });
  return before === undefined ? [] : messages.filter(({ seq }) => seq > before.seq);
}

/** Stores the last message of `room`: `latest`, or the one that the room returns if it was not in the events. */
async function updateLast(room: string, latest: Message | undefined): Promise<void> {
  const query = `/messages?limit=${LATEST}`;
  const page = latest === undefined ? await getJson(addressOf(room) + query, headersFor(room), Events) : null;
  const message = latest ?? page?.events.findLast((event) => v.is(LatestMessage, event));
  if (message !== undefined) setLastMessage(room, message.deleted === true ? undefined : message);
}

/** A room that shuts the user out tells nothing of its messages, and their copies are removed. */
function setShut(room: string, shut: boolean): void {
  if (shut === shutRooms.peek().has(room)) return;
  const others = [...shutRooms.peek()].filter((other) => other !== room);
  shutRooms.value = new Set(shut ? [...others, room] : others);
  if (shut) forgetMessages(room);
}

function addressOf(room: string): string {
  return `/api/rooms/${encodeURIComponent(room)}`;
}

/** Returns what shows a room that this user may read it. */
function headersFor(room: string): Record<string, string> {
  const proof = passwordProof(room);
  return {
    Authorization: `Bearer ${identityKey()}`,
    ...(proof !== null && { "X-Room-Password": proof }),
  };
}

async function getJson<S extends v.GenericSchema>(
  address: string,
  headers: Record<string, string>,
  schema: S,
): Promise<v.InferOutput<S> | null> {
  const response = await fetch(address, { headers });
  if (!response.ok) return null;
  const parsed = v.safeParse(schema, await response.json());
  return parsed.success ? parsed.output : null;
}
