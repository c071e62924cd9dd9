/** Properties of the window and the device that the page follows. */
import { computed, type Signal, signal } from "@preact/signals";
import { settings } from "../storage/settings.ts";

/** Wide enough for the list of rooms beside the messages. */
export const roomsBeside = mediaSignal("(min-width: 46rem)");
/** Wide enough for the list of people as well. */
export const peopleBeside = mediaSignal("(min-width: 68rem)");
/** The main pointer can hover, as a mouse does. */
export const canHover = mediaSignal("(hover: hover)");
export const wantsLessMotion = mediaSignal("(prefers-reduced-motion: reduce)");
/** Enter sends the message. By default it inserts a new line on touch devices, whose keyboards have no Shift+Enter. */
export const enterSends = computed(() => settings.value.enterSends ?? canHover.value);

function mediaSignal(query: string): Signal<boolean> {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener("change", () => {
    matches.value = list.matches;
  });
  return matches;
}
