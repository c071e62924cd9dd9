/** What of the page is open, beside the room itself. */
import { signal } from "@preact/signals";
import type { TimelineMessage } from "../../client/index.ts";

/** The room stands, and what is beside it can follow. */
export const isRoomDrawn = signal(false);

/** Where a menu or picker opens: at an element or a point; on a phone it is a sheet at the bottom. */
export interface Anchor {
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
}

export type Dialog =
  | { readonly type: "rooms" }
  | { readonly type: "people" }
  | { readonly type: "open-room" }
  | { readonly type: "settings" }
  | { readonly type: "keys" }
  | { readonly type: "actions"; readonly message: TimelineMessage; readonly anchor: Anchor }
  | { readonly type: "emoji"; readonly anchor: Anchor; readonly pick: (emoji: string) => void };

/** The dialog that is open. */
export const dialog = signal<Dialog | null>(null);

/** Closes the open dialog at once: the focus is back where it was when this returns. */
export function closeDialog(): void {
  document.querySelector<HTMLDialogElement>("dialog[open]")?.close();
  dialog.value = null;
}

/** A short message at the foot of the page; gone after a while. */
export const toast = signal<string | null>(null);

const TOAST_MS = 4_000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function showToast(text: string): void {
  clearTimeout(timer);
  toast.value = text;
  timer = setTimeout(() => {
    toast.value = null;
  }, TOAST_MS);
}

/** Anchor of what opens at `element`. */
export function anchorAt(element: Element): Anchor {
  const { left, top, bottom } = element.getBoundingClientRect();
  return { left, top, bottom };
}

/** Wide enough for the list of rooms beside the messages. */
export const roomsBeside = mediaSignal("(min-width: 46rem)");
/** Wide enough for the list of people, too. */
export const peopleBeside = mediaSignal("(min-width: 68rem)");
/** The pointer is a mouse or the like: it can hover. */
export const canHover = mediaSignal("(hover: hover)");
export const wantsLessMotion = mediaSignal("(prefers-reduced-motion: reduce)");

function mediaSignal(query: string) {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener("change", () => {
    matches.value = list.matches;
  });
  return matches;
}
