/** Unread messages of the visited rooms that are not open, asked for rarely and only of rooms that went on. */
import { signal } from "@preact/signals";
import * as v from "valibot";
import { session } from "./rooms.ts";
import { visited } from "./visited.ts";

/** Rooms that are asked after: the latest visited. */
const ROOMS_ASKED = 8;
const ASK_EVERY_MS = 60_000;
/** Events read to count the messages among them; more are shown as "99+". */
const EVENTS_READ = 100;

const Head = v.object({ epoch: v.string(), seq: v.number() });
const Events = v.object({ events: v.array(v.object({ type: v.string() })), more: v.boolean() });

interface Count {
  /** Head of the room's log when it was counted. */
  readonly seq: number;
  readonly unread: number;
}

const counts = signal<ReadonlyMap<string, Count>>(new Map());

/** Messages in `room` since it was last open here, at most 100. */
export function unreadOf(room: string): number {
  const count = counts.value.get(room);
  const seen = visited.value.find((entry) => entry.room === room)?.seq ?? 0;
  return count !== undefined && seen < count.seq ? count.unread : 0;
}

/** Keeps the counts fresh while the page is seen. Call once. */
export function startUnread(): void {
  let asked = 0;
  const ask = (): void => {
    if (document.visibilityState !== "visible" || Date.now() - asked < ASK_EVERY_MS / 2) return;
    asked = Date.now();
    void askAll();
  };
  document.addEventListener("visibilitychange", ask);
  setInterval(ask, ASK_EVERY_MS);
  ask();
}

async function askAll(): Promise<void> {
  const open = session.peek()?.room;
  for (const { room, epoch, seq } of visited.peek().slice(0, ROOMS_ASKED)) {
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
  const query = new URLSearchParams({ after: String(seen), epoch, limit: String(EVENTS_READ) });
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
