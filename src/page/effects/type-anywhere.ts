/** Sends what is typed or pasted without a focused text field to the composer. */
import { openRoom } from "../state/navigation.ts";
import { dialog } from "../state/ui.ts";

/** Elements that handle typed characters themselves. */
const EDITABLE = "input, textarea, select";
/** Elements that a space activates or scrolls. */
const TAKES_SPACE = "a, button, summary, [role=log], [tabindex='0']";

/** Call once. */
export function startTypeAnywhere(): void {
  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    // A key that types has a name of one character; input methods report "Process".
    if ([...key].length !== 1 && key !== "Process") return;
    if (!isFree(target) || (key === " " && target instanceof Element && target.matches(TAKES_SPACE))) return;
    // The browser types the character into the element that has the focus after this event.
    openRoom.peek()?.composer.focus();
  });
  addEventListener("paste", (event) => {
    const composer = openRoom.peek()?.composer;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (composer === undefined || text === "" || !isFree(event.target)) return;
    event.preventDefault();
    composer.focus();
    composer.insert(text);
    composer.paste(text);
  });
}

function isFree(target: EventTarget | null): boolean {
  return dialog.peek() === null && target instanceof Element && !target.matches(EDITABLE);
}
