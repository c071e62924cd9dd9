/** Decides whether the user may write in the room now. Pure. */
import type { ChatState, OutboxEntry, TimelineItem } from "../../client/index.ts";

/** WriteBlock is why the user may not write. Times are Unix ms by this browser's clock. */
export type WriteBlock =
  | { readonly type: "muted"; readonly until?: number; readonly reason?: string }
  | { readonly type: "read-only" }
  /** In slow mode, the next message must wait. */
  | { readonly type: "slow"; readonly until: number; readonly interval: number };

type Needed = Pick<ChatState, "roomState" | "role" | "muted" | "clockOffset" | "you" | "timeline" | "outbox">;

/**
 * Returns why the user may not write, `null` if nothing prevents it.
 *
 * @param now - returns the time by this browser's clock, Unix ms; called only if something ends with time
 * @param refusedUntil - end of the wait that the room named when it rejected a message; 0 if it did not
 */
export function writeBlock(state: Needed, now: () => number, refusedUntil: number): WriteBlock | null {
  const { roomState, role, muted, clockOffset } = state;
  if (muted !== null) {
    const { until, ...rest } = muted;
    if (until === undefined) return { type: "muted", ...rest };
    const end = until - clockOffset;
    if (end > now()) return { type: "muted", until: end, ...rest };
  }
  if (role !== "member") return null;
  if (roomState.readOnly) return { type: "read-only" };
  const interval = roomState.slowMode;
  if (interval === 0) return null;
  const until = Math.max(lastWrittenAt(state) + interval, refusedUntil);
  return until > now() ? { type: "slow", until, interval } : null;
}

/** Returns the time of the user's last message, sent or still in the outbox, by this browser's clock. */
function lastWrittenAt({ you, timeline, outbox, clockOffset }: Needed): number {
  const pending = outbox.findLast(isUnsent)?.at ?? 0;
  const last = timeline.items.findLast((item) => isBy(item, you?.user));
  return Math.max(pending, last === undefined ? 0 : last.at - clockOffset);
}

function isUnsent({ kind, status }: OutboxEntry): boolean {
  return kind === "send" && status !== "failed";
}

function isBy(item: TimelineItem, user: string | undefined): item is Exclude<TimelineItem, { type: "gap" }> {
  return item.type === "message" && item.user === user;
}
