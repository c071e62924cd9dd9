/** Rooms visited in this browser: the position up to which each was read, and its last message. */
import { computed, signal } from "@preact/signals";
import * as v from "valibot";
import { FileInfo, ownText } from "../../protocol/files.ts";
import { DAY_MS } from "../../protocol/retention.ts";
import { onOtherTab, readJson, writeJson } from "./browser-storage.ts";

/** LastMessage is the beginning of the last message in a room, as far as this browser knows it. */
const LastMessage = v.object({
  seq: v.number(),
  user: v.string(),
  name: v.string(),
  text: v.string(),
  /** Files, if the message has no text. */
  files: v.exactOptional(v.array(v.pick(FileInfo, ["type", "name", "alt"]))),
  /** Unix ms, by the server's clock. */
  at: v.number(),
});

export type LastMessage = v.InferOutput<typeof LastMessage>;

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
  /** Time of the first visit; 0 in the storage of older versions. */
  added: v.optional(v.number(), 0),
  last: v.exactOptional(LastMessage),
  /** Days for which the room keeps a message, at the last visit; absent: no limit. */
  days: v.exactOptional(v.number()),
  /** Title that the room's owner gave it. */
  title: v.exactOptional(v.string()),
});

export type Visit = v.InferOutput<typeof Visit>;

const NAME = "visited";
const MAX_VISITS = 30;

/** Characters of a message that are stored. */
const MAX_TEXT = 120;

const load = (): readonly Visit[] =>
  (readJson(NAME, v.array(Visit)) ?? []).map((entry) => ({ ...entry, added: entry.added || entry.at }));

/** Visits, latest first. */
export const visits = signal<readonly Visit[]>(load());

let known: ReadonlyMap<string, string> = new Map();

/** Titles of the visited rooms that have one; the same map until one changes. */
export const titles = computed(() => {
  const found = visits.value.flatMap(({ room, title }) =>
    title === undefined ? [] : [[room, title] as const],
  );
  if (found.length !== known.size || found.some(([room, title]) => known.get(room) !== title)) {
    known = new Map(found);
  }
  return known;
});

/** Follows changes by other tabs. Call once. */
export function startVisits(): void {
  onOtherTab(NAME, () => {
    visits.value = load();
  });
}

/** Moves `room` to the top of the list. */
export function visit(room: string): void {
  const old = visitOf(room) ?? { room, epoch: "", seq: 0, user: "", added: Date.now() };
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
  const entry = visitOf(room);
  if (entry !== undefined) replace(room, { ...entry, user });
}

/** Removes the last messages that their rooms have dropped. Call it at times. */
export function dropOldMessages(): void {
  const isOld = ({ last, days }: Visit) =>
    last !== undefined && days !== undefined && last.at <= Date.now() - days * DAY_MS;
  for (const visit of visits.peek().filter(isOld)) setLastMessage(visit.room, undefined);
}

/**
 * Stores the last message of `room`; `undefined` if the room has none.
 *
 * @param days - days for which the room keeps it, `null`: no limit; absent: as at the last visit
 */
export function setLastMessage(
  room: string,
  message: LastMessage | undefined,
  days: number | null | undefined = visitOf(room)?.days,
): void {
  const entry = visitOf(room);
  if (entry === undefined) return;
  const { last: before, days: daysBefore, ...others } = entry;
  const rest = { ...others, ...(days != null && { days }) };
  const isSame = (days ?? undefined) === daysBefore;
  if (message === undefined) {
    if (before !== undefined || !isSame) replace(room, rest);
    return;
  }
  const { seq, user, name, at, files } = message;
  const text = ownText(message).slice(0, MAX_TEXT);
  if (before?.seq === seq && before.text === text && isSame) return;
  const shown = text === "" && files !== undefined ? { files } : {};
  replace(room, { ...rest, last: { seq, user, name, text, at, ...shown } });
}

/** Stores the title of `room`; `undefined` if the room has none. */
export function setTitle(room: string, title: string | undefined): void {
  const entry = visitOf(room);
  if (entry === undefined || entry.title === title) return;
  const { title: _, ...rest } = entry;
  replace(room, title === undefined ? rest : { ...rest, title });
}

function replace(room: string, visit: Visit): void {
  save(visits.peek().map((entry) => (entry.room === room ? visit : entry)));
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
