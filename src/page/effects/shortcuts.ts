/** Keys that work anywhere on the page. */
import { openRoom } from "../state/navigation.ts";
import { goToNextRoom } from "../state/room-list.ts";
import { closeDialog, dialog } from "../state/ui.ts";
import { openSearch } from "./open-search.ts";

/** On a Mac, Ctrl is for editing: Ctrl+K deletes to the end of the line. */
export const IS_MAC = navigator.userAgent.includes("Mac");

/** Listens to the keys. Call once. */
export function startShortcuts(): void {
  // Before text fields, which have other meanings for some of these keys.
  addEventListener("keydown", roomKey, { capture: true });
  addEventListener("keydown", letterKey);
}

/** Handles the keys that change rooms or search the open one. They work in text fields, too. */
function roomKey(event: KeyboardEvent): void {
  const { key, altKey, shiftKey, ctrlKey, metaKey } = event;
  const isCommand = metaKey || (ctrlKey && !IS_MAC);
  if (event.isComposing || shiftKey) return;
  if (isCommand && !altKey && key.toLowerCase() === "k") {
    if (dialog.peek() === null) dialog.value = { type: "switch-room" };
    else if (dialog.peek()?.type === "switch-room") closeDialog();
  } else if (
    altKey &&
    !ctrlKey &&
    !metaKey &&
    (key === "ArrowUp" || key === "ArrowDown") &&
    dialog.peek() === null
  ) {
    goToNextRoom(key === "ArrowDown" ? 1 : -1);
  } else if (!(isCommand && !altKey && key.toLowerCase() === "f" && openSearch())) return;
  event.preventDefault();
  event.stopPropagation();
}

/** Handles single characters, which text fields keep for themselves. */
function letterKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.peek() !== null) return;
  if (event.target instanceof Element && event.target.matches("input, textarea, select")) return;
  if (event.key === "?") dialog.value = { type: "keys" };
  else if (event.key === "/") openRoom.peek()?.composer.focus();
  else return;
  event.preventDefault();
}
