/** The time, for countdowns; it ticks only while it is used. */
import { signal } from "@preact/signals";

let timer: ReturnType<typeof setInterval> | undefined;

/** Time by this browser's clock, Unix ms; updated each second while something subscribes to it. */
export const now = signal(Date.now(), {
  watched() {
    now.value = Date.now();
    timer = setInterval(() => {
      now.value = Date.now();
    }, 1_000);
  },
  unwatched() {
    clearInterval(timer);
  },
});

/** Returns the whole seconds until `at`, at least 1. Subscribes to `now`. */
export function secondsUntil(at: number): number {
  return Math.max(1, Math.ceil((at - now.value) / 1_000));
}
