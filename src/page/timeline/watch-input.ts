/** All that acts on messages of the timeline: keys, mouse and touch. */
import type { OpenRoom } from "../state/open-room.ts";
import { TimelineKeys } from "./keys.ts";
import { watchLongPress } from "./long-press.ts";
import { watchMouse } from "./mouse.ts";
import { watchSwipes } from "./swipe.ts";
import type { TimelineWindow } from "./window.ts";

/** Watches `log`. Returns a function that ends this. */
export function watchInput(room: OpenRoom, log: HTMLElement, window: TimelineWindow): () => void {
  const stops = [
    new TimelineKeys(room, log, window).start(),
    watchLongPress(room, log),
    watchMouse(room, log),
    watchSwipes(room, log),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
