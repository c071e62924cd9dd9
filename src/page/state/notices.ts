/** Whether notices can be drawn: what draws them is loaded when a room first has one. */
import { signal } from "@preact/signals";
import { type Item, isNotice } from "./rows.ts";

const isTried = signal(false);
let load: () => Promise<void> = () => Promise.resolve();
let loading: Promise<void> | null = null;

/** Sets how what draws notices is loaded. */
export function setNoticeLoader(loader: () => Promise<void>): void {
  load = loader;
}

/** Returns whether `items` can be drawn in their final height. If not, starts to load what that needs. */
export function canShowNotices(items: readonly Item[]): boolean {
  if (isTried.value || !items.some(isNotice)) return true;
  void loadNotices();
  return false;
}

/** Loads what draws notices. */
export function loadNotices(): Promise<void> {
  loading ??= load()
    .catch(() => {
      // Messages are shown all the same.
      loading = null;
    })
    .finally(() => {
      isTried.value = true;
    });
  return loading;
}
