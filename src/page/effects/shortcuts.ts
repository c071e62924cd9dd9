/** Keys that work anywhere on the page, except in text fields. */
import { openRoom } from "../state/navigation.ts";
import { dialog } from "../state/ui.ts";

/** Listens to the keys. Call once. */
export function startShortcuts(): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.peek() !== null) return;
    if (event.target instanceof Element && event.target.matches("input, textarea, select")) return;
    if (event.key === "?") dialog.value = { type: "keys" };
    else if (event.key === "/") openRoom.peek()?.composer.focus();
    else return;
    event.preventDefault();
  });
}
