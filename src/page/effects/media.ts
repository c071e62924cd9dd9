/** Properties of the window and the device that the page follows. */
import { type Signal, signal } from "@preact/signals";

/** Wide enough for the list of rooms beside the messages. */
export const roomsBeside = mediaSignal("(min-width: 46rem)");
/** Wide enough for the list of people as well. */
export const peopleBeside = mediaSignal("(min-width: 68rem)");
/** The main pointer can hover, as a mouse does. */
export const canHover = mediaSignal("(hover: hover)");
export const wantsLessMotion = mediaSignal("(prefers-reduced-motion: reduce)");

function mediaSignal(query: string): Signal<boolean> {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener("change", () => {
    matches.value = list.matches;
  });
  return matches;
}
