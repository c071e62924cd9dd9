/** The current day. A page can stay open over midnight, and the computer can sleep meanwhile. */
import { signal } from "@preact/signals";

let timer: ReturnType<typeof setTimeout> | undefined;

/** Beginning of the day in the user's time zone, Unix ms; updated while something subscribes to it. */
export const today = signal(beginning(0), {
  watched() {
    update();
    document.addEventListener("visibilitychange", update);
  },
  unwatched() {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", update);
  },
});

function update(): void {
  clearTimeout(timer);
  today.value = beginning(0);
  timer = setTimeout(update, beginning(1) - Date.now());
}

/** Returns the beginning of the day `later` days after today, Unix ms. */
function beginning(later: number): number {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + later).getTime();
}
