/** Numbers of unread messages in the visited rooms that are not open, requested rarely. */
import { signal } from "@preact/signals";
import * as v from "valibot";
import { visits } from "../storage/visits.ts";
import { openRoom } from "./navigation.ts";

/** Only the latest visited rooms are requested. */
const MAX_ROOMS = 8;
const INTERVAL_MS = 60_000;
/** Events requested to count the messages among them; a larger number is shown as "99+". */
const MAX_EVENTS = 100;

const Head = v.object({ epoch: v.string(), seq: v.number() });
const Events = v.object({ events: v.array(v.object({ type: v.string() })), more: v.boolean() });

interface Count {
  /** Head of the room's log when its messages were counted. */
  readonly seq: number;
  readonly unread: number;
}

const counts = signal<ReadonlyMap<string, Count>>(new Map());

/** Returns the number of messages in `room` since it was last open here, at most 100. */
export function unreadOf(room: string): number {
  const count = counts.value.get(room);
  const seen = visits.value.find((entry) => entry.room === room)?.seq ?? 0;
  return count !== undefined && seen < count.seq ? count.unread : 0;
}

/** Updates the numbers while the page is visible. Call once. */
export function startUnread(): void {
  let updated = 0;
  const update = (): void => {
    if (document.visibilityState !== "visible" || Date.now() - updated < INTERVAL_MS / 2) return;
    updated = Date.now();
    void updateAll();
  };
  document.addEventListener("visibilitychange", update);
  setInterval(update, INTERVAL_MS);
  update();
}

async function updateAll(): Promise<void> {
  const open = openRoom.peek()?.name;
  for (const { room, epoch, seq } of visits.peek().slice(0, MAX_ROOMS)) {
    if (room === open || epoch === "") continue;
    const unread = await countUnread(room, epoch, seq).catch(() => null);
    if (unread !== null) counts.value = new Map(counts.peek()).set(room, unread);
  }
}

async function countUnread(room: string, epoch: string, seen: number): Promise<Count | null> {
  const address = `/api/rooms/${encodeURIComponent(room)}`;
  const head = await getJson(address, Head);
  if (head === null || head.epoch !== epoch || head.seq <= seen) return { seq: head?.seq ?? 0, unread: 0 };
  const known = counts.peek().get(room);
  if (known?.seq === head.seq) return known;
  const query = new URLSearchParams({ after: String(seen), epoch, limit: String(MAX_EVENTS) });
  const page = await getJson(`${address}/messages?${query}`, Events);
  if (page === null) return null;
  return { seq: head.seq, unread: page.events.filter(({ type }) => type === "message").length };
}

async function getJson<S extends v.GenericSchema>(
  address: string,
  schema: S,
): Promise<v.InferOutput<S> | null> {
  const response = await fetch(address);
  if (!response.ok) return null;
  const parsed = v.safeParse(schema, await response.json());
  return parsed.success ? parsed.output : null;
}
