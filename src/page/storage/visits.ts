/** Rooms visited in this browser, and the position up to which each was read. */
import { signal } from "@preact/signals";
import * as v from "valibot";
import { onOtherTab, readJson, writeJson } from "./browser-storage.ts";

const Visit = v.object({
  room: v.string(),
  /** Epoch of the log that `seq` belongs to; empty before the first welcome. */
  epoch: v.string(),
  /** Everything up to this seq is read. */
  seq: v.number(),
  /** User id of this browser in the room, once it is known. */
  user: v.optional(v.string(), ""),
  /** Time of the last visit by this browser's clock, Unix ms. */
  at: v.number(),
});

export type Visit = v.InferOutput<typeof Visit>;

const NAME = "visited";
const MAX_VISITS = 30;

const load = (): readonly Visit[] => readJson(NAME, v.array(Visit)) ?? [];

/** Visits, latest first. */
export const visits = signal<readonly Visit[]>(load());

/** Follows changes by other tabs. Call once. */
export function startVisits(): void {
  onOtherTab(NAME, () => {
    visits.value = load();
  });
}

/** Moves `room` to the top of the list. */
export function visit(room: string): void {
  const old = visitOf(room) ?? { room, epoch: "", seq: 0, user: "" };
  const others = visits.peek().filter((entry) => entry.room !== room);
  save([{ ...old, at: Date.now() }, ...others].slice(0, MAX_VISITS));
}

/** Removes `room` from the list. Returns a function that restores it. */
export function forget(room: string): () => void {
  const at = visits.peek().findIndex((entry) => entry.room === room);
  const entry = visits.peek()[at];
  save(visits.peek().filter((other) => other !== entry));
  return () => {
    if (entry !== undefined && visitOf(room) === undefined) save(visits.peek().toSpliced(at, 0, entry));
  };
}

/** Returns the seq up to which `room` was read, or `null` if that is unknown for the log `epoch`. */
export function lastRead(room: string, epoch: string | undefined): number | null {
  const entry = visitOf(room);
  return entry !== undefined && entry.epoch !== "" && entry.epoch === epoch ? entry.seq : null;
}

/** Marks everything in `room` up to `seq` as read. */
export function markRead(room: string, epoch: string, seq: number): void {
  const read = lastRead(room, epoch);
  if (read !== null && read >= seq) return;
  save(visits.peek().map((entry) => (entry.room === room ? { ...entry, epoch, seq } : entry)));
}

/** Returns this browser's user id in `room`; empty if it is unknown. */
export function ownUser(room: string): string {
  return visitOf(room)?.user ?? "";
}

/** Stores this browser's user id in `room`. */
export function setOwnUser(room: string, user: string): void {
  if (ownUser(room) === user) return;
  save(visits.peek().map((entry) => (entry.room === room ? { ...entry, user } : entry)));
}

/** Removes this browser's user ids: they belong to an identity that is no longer used. */
export function forgetOwnUsers(): void {
  save(visits.peek().map((entry) => ({ ...entry, user: "" })));
}

function visitOf(room: string): Visit | undefined {
  return visits.peek().find((entry) => entry.room === room);
}

function save(entries: readonly Visit[]): void {
  visits.value = entries;
  writeJson(NAME, entries);
}
