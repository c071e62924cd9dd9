/** What is open on the page besides the room: dialogs and the toast. */
import { signal } from "@preact/signals";
import type { TimelineMessage } from "../../client/index.ts";

/** The room is drawn, so the panels beside it can be drawn too. */
export const isRoomDrawn = signal(false);

/** Position at which a menu or picker opens. On a phone it is a sheet at the bottom instead. */
export interface Anchor {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Whether the left or the right edges are aligned. */
  readonly align: "left" | "right";
}

/** What a moderator does to a person. */
export type Restriction = "mute" | "remove" | "ban";

/** Confirmation is a question before something that cannot be undone. */
export interface Confirmation {
  readonly title: string;
  /** The consequence. */
  readonly text: string;
  /** Label of the button that acts. */
  readonly label: string;
  readonly run: () => void;
}

export type Dialog =
  | { readonly type: "rooms" }
  | { readonly type: "people" }
  | { readonly type: "open-room" }
  | { readonly type: "new-room"; readonly taken?: string }
  | { readonly type: "owner-link"; readonly room: string }
  | { readonly type: "switch-room" }
  | { readonly type: "settings" }
  | { readonly type: "keys" }
  | { readonly type: "identity"; readonly anchor: Anchor }
  | { readonly type: "name" }
  | { readonly type: "device" }
  | { readonly type: "person"; readonly user: string; readonly name: string; readonly anchor: Anchor }
  | { readonly type: "room-info" }
  | { readonly type: "restrict"; readonly action: Restriction; readonly user: string; readonly name: string }
  | { readonly type: "restricted" }
  | ({ readonly type: "confirm" } & Confirmation)
  | { readonly type: "messages-by"; readonly user: string; readonly name: string }
  | { readonly type: "room-menu"; readonly room: string; readonly anchor: Anchor }
  | { readonly type: "download"; readonly room: string }
  /** A picture of the message `seq`: the id of its file. */
  | { readonly type: "viewer"; readonly seq: number; readonly file: string }
  | { readonly type: "actions"; readonly message: TimelineMessage; readonly anchor: Anchor }
  | { readonly type: "emoji"; readonly anchor: Anchor; readonly pick: (emoji: string) => void };

/** The open dialog. */
export const dialog = signal<Dialog | null>(null);

/** Closes the open dialog and restores the focus before it returns. */
export function closeDialog(): void {
  document.querySelector<HTMLDialogElement>("dialog[open]")?.close();
  dialog.value = null;
}

/** A short message, removed after a while. */
export interface Toast {
  readonly text: string;
  /** A button beside the text. */
  readonly action?: ToastAction | undefined;
}

interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

export const toast = signal<Toast | null>(null);

const TOAST_MS = 4_000;
/** Time to react to a toast with a button. */
const ACTION_MS = 8_000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows a toast in place of the last one. Returns it for `closeToast`. */
export function showToast(text: string, action?: ToastAction): Toast {
  const shown = { text, action };
  clearTimeout(timer);
  toast.value = shown;
  timer = setTimeout(() => closeToast(shown), action === undefined ? TOAST_MS : ACTION_MS);
  return shown;
}

/** Removes `shown` unless another toast has replaced it. */
export function closeToast(shown: Toast): void {
  if (toast.peek() === shown) toast.value = null;
}

/** Returns the anchor of a menu that opens at the pointer. */
export function anchorAtPointer({ clientX, clientY }: MouseEvent): Anchor {
  return { left: clientX, right: clientX, top: clientY, bottom: clientY, align: "left" };
}

/** Returns the anchor of a menu that opens at `element`. */
export function anchorAt(element: Element, align: Anchor["align"] = "left"): Anchor {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return { left, right, top, bottom, align };
}
