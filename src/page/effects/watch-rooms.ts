/**
 * Watches the visited rooms that are not open. Each request wakes a room that sleeps, so a quiet room is requested
 * less and less often.
 */
import { openRoom } from "../state/navigation.ts";
import { mentionsMe, updateUnread } from "../state/unread.ts";
import { settings } from "../storage/settings.ts";
import { visits } from "../storage/visits.ts";
import { notifyOf } from "./notifications.ts";

/** Interval of the requests for a room in which something happens, ms. It doubles while nothing happens. */
const MIN_INTERVAL_MS = 15_000;
const MAX_INTERVAL_MS = 300_000;
const TICK_MS = 5_000;

interface Schedule {
  /** Time of the last request, Unix ms. */
  readonly at: number;
  readonly interval: number;
}

/** Watches while the page is visible; one hidden tab watches if notifications are on. Call once. */
export function startWatchingRooms(): void {
  const schedules = new Map<string, Schedule>();
  let isLeader = !("locks" in navigator);
  let isBusy = false;
  if (!isLeader)
    navigator.locks
      .request("edge-chat:watch", () => {
        isLeader = true;
        // Held until the tab is closed.
        return new Promise(() => undefined);
      })
      .catch(() => undefined);

  const update = async (): Promise<void> => {
    const isVisible = document.visibilityState === "visible";
    if (isBusy || !(isVisible || (isLeader && settings.peek().notify !== "none"))) return;
    isBusy = true;
    for (const visit of visits.peek()) {
      const { at, interval } = schedules.get(visit.room) ?? { at: 0, interval: MIN_INTERVAL_MS };
      const isOpen = visit.room === openRoom.peek()?.name;
      if (isOpen || visit.epoch === "" || Date.now() - at < interval) continue;
      const news = await updateUnread(visit).catch(() => null);
      const next = at === 0 || news !== null ? MIN_INTERVAL_MS : Math.min(MAX_INTERVAL_MS, 2 * interval);
      schedules.set(visit.room, { at: Date.now(), interval: next });
      for (const message of news ?? []) notifyOf(visit.room, message, mentionsMe(visit, message));
    }
    isBusy = false;
  };
  document.addEventListener("visibilitychange", () => {
    // A user who returns wants to know what happened meanwhile.
    for (const [room, { at }] of schedules) schedules.set(room, { at, interval: MIN_INTERVAL_MS });
    void update();
  });
  setInterval(() => void update(), TICK_MS);
  void update();
}
