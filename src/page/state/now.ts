/** The time, for what counts down: it ticks only while somebody looks. */
import { signal } from "@preact/signals";

let timer: ReturnType<typeof setInterval> | undefined;

/** Time by this browser's clock, Unix ms; renewed each second while it is shown. */
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

/** Whole seconds until `at`, at least 1. Reading it follows the time. */
export function secondsUntil(at: number): number {
  return Math.max(1, Math.ceil((at - now.value) / 1_000));
}
