/** The order of the rooms in the list. Pure. */
import type { Visit } from "../storage/visits.ts";

/** RoomOrder is `activity` for the latest message first, or `fixed` for the latest added room first. */
export type RoomOrder = "activity" | "fixed";

/** Returns the names of the visited rooms in `order`. Another visit of a room never moves it. */
export function orderOf(visits: readonly Visit[], order: RoomOrder): string[] {
  const time = ({ added, last }: Visit): number =>
    order === "fixed" ? added : Math.max(added, last?.at ?? 0);
  return [...visits].sort((a, b) => time(b) - time(a)).map(({ room }) => room);
}

/** Returns the rooms of `wanted` in the order of `shown`, new ones first. */
export function keptOrder(shown: readonly string[], wanted: readonly string[]): string[] {
  const known = new Set(shown);
  const present = new Set(wanted);
  return [...wanted.filter((room) => !known.has(room)), ...shown.filter((room) => present.has(room))];
}
