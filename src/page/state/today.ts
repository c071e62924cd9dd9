/** The day that it is, for what names days: a page may stay open over midnight, and a computer may sleep until then. */
import { signal } from "@preact/signals";

let timer: ReturnType<typeof setTimeout> | undefined;

/** Beginning of this day in the reader's time zone, Unix ms; renewed while it is shown. */
export const today = signal(beginning(0), {
  watched() {
    follow();
    document.addEventListener("visibilitychange", follow);
  },
  unwatched() {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", follow);
  },
});

function follow(): void {
  clearTimeout(timer);
  today.value = beginning(0);
  timer = setTimeout(follow, beginning(1) - Date.now());
}

/** Beginning of the day that is `later` days after this one, Unix ms. */
function beginning(later: number): number {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + later).getTime();
}
