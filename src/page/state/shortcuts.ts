/** Keys that work anywhere on the page, unless something is being written. */
import { session } from "./rooms.ts";
import { dialog } from "./ui.ts";

/** Listens to them. Call once. */
export function startShortcuts(): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.peek() !== null) return;
    if (event.target instanceof Element && event.target.matches("input, textarea, select")) return;
    if (event.key === "?") dialog.value = { type: "keys" };
    else if (event.key === "/") focusComposer();
    else return;
    event.preventDefault();
  });
}

function focusComposer(): void {
  const composer = session.peek()?.composer;
  if (composer !== undefined) composer.focusRequests.value += 1;
}
