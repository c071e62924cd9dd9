/** What is open on the page besides the room: dialogs and the toast. */
import { signal } from "@preact/signals";
import type { TimelineMessage } from "../../client/index.ts";

/** The room is drawn, so the panels beside it can be drawn too. */
export const isRoomDrawn = signal(false);

/** Position at which a menu or picker opens. On a phone it is a sheet at the bottom instead. */
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

/** The open dialog. */
export const dialog = signal<Dialog | null>(null);

/** Closes the open dialog and restores the focus before it returns. */
export function closeDialog(): void {
  document.querySelector<HTMLDialogElement>("dialog[open]")?.close();
  dialog.value = null;
}

/** A short message at the bottom of the page, removed after a while. */
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

/** Returns the anchor of a menu that opens at `element`. */
export function anchorAt(element: Element): Anchor {
  const { left, top, bottom } = element.getBoundingClientRect();
  return { left, top, bottom };
}
