/** Rooms that were visited in this browser, and how far each was read. */
import { signal } from "@preact/signals";
import * as v from "valibot";
import { onOtherTab, readJson, writeJson } from "./storage.ts";

const Visit = v.object({
  room: v.string(),
  /** Log that `seq` is of; empty before the first welcome. */
  epoch: v.string(),
  /** Everything up to it was seen. */
  seq: v.number(),
  /** Unix ms by this browser's clock. */
  at: v.number(),
});

export type Visit = v.InferOutput<typeof Visit>;

const NAME = "visited";
const MAX_VISITS = 30;

const load = (): readonly Visit[] => readJson(NAME, v.array(Visit)) ?? [];

/** Visits, the latest first. */
export const visited = signal<readonly Visit[]>(load());

onOtherTab(NAME, () => {
  visited.value = load();
});

/** Puts `room` first among the visited ones. */
export function visit(room: string): void {
  const old = visited.peek().find((entry) => entry.room === room);
  put({ ...(old ?? { room, epoch: "", seq: 0 }), at: Date.now() });
}

/** Takes `room` off the list. */
export function forget(room: string): void {
  save(visited.peek().filter((entry) => entry.room !== room));
}

/** Seq up to which `room` was read, or `null` where that is not known of this log. */
export function lastRead(room: string, epoch: string | undefined): number | null {
  const entry = visited.peek().find((other) => other.room === room);
  return entry !== undefined && entry.epoch !== "" && entry.epoch === epoch ? entry.seq : null;
}

/** Everything in `room` up to `seq` was seen. */
export function markRead(room: string, epoch: string, seq: number): void {
  const read = lastRead(room, epoch);
  if (read !== null && read >= seq) return;
  const entry = visited.peek().find((other) => other.room === room);
  if (entry === undefined) return;
  save(visited.peek().map((other) => (other === entry ? { ...entry, epoch, seq } : other)));
}

function put(entry: Visit): void {
  save([entry, ...visited.peek().filter((other) => other.room !== entry.room)].slice(0, MAX_VISITS));
}

function save(entries: readonly Visit[]): void {
  visited.value = entries;
  writeJson(NAME, entries);
}
