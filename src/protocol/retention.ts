/** Retention: how long a room keeps its events. */
import * as v from "valibot";

/** Days after which each kind of retention ends the life of an event; `null`: they decide nothing. */
const DAYS = { all: null, day: 1, week: 7, month: 30, presence: null } as const;

/**
 * Retention is how long a room keeps its events: up to the limits of the service, for some days, or until everyone has
 * left.
 */
export const Retention = v.picklist(
  ["all", "day", "week", "month", "presence"],
  "retention must be all, day, week, month or presence",
);
export type Retention = v.InferOutput<typeof Retention>;

/**
 * Returns the days for which a room keeps an event, or `null` if their number is not limited.
 *
 * @param limit - days that the service allows; absent: no limit
 */
export function keptDays(retention: Retention, limit?: number): number | null {
  const days = Math.min(DAYS[retention] ?? Number.POSITIVE_INFINITY, limit ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(days) ? days : null;
}

export const DAY_MS = 24 * 3_600_000;
/** Time between the departure of the last user and the end of a room that is kept until everyone has left. */
export const PRESENCE_GRACE_MS = 5 * 60_000;
