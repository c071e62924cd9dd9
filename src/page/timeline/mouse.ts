/** Acts on a message by double click, which replies, and by right click, which opens the menu. */
import type { TimelineMessage } from "../../client/index.ts";
import { canHover } from "../effects/media.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { anchorAtPointer, dialog } from "../state/ui.ts";

/** Elements with own meanings of clicks. */
const ACTIVE = "a, button, figure";

/** Watches `log`. Returns a function that ends this. */
export function watchMouse(room: OpenRoom, log: HTMLElement): () => void {
  /** Text was selected before the button was pressed. On a Mac, a right click selects the word under it. */
  let hadSelection = false;
  const down = (): void => {
    hadSelection = getSelection()?.isCollapsed === false;
  };
  const doubleClick = (event: MouseEvent): void => {
    const message = messageAt(room, event, ACTIVE);
    // Double taps are left to the browser, which zooms.
    if (message === undefined || !canHover.peek() || selectsText(event)) return;
    getSelection()?.removeAllRanges();
    room.composer.answer(message);
  };
  const contextMenu = (event: MouseEvent): void => {
    // A long press opens the menu on touch screens.
    const isTouch = event instanceof PointerEvent && event.pointerType === "touch";
    // The browser's own menu copies selected texts, opens links and saves pictures.
    if (isTouch || event.shiftKey || hadSelection || event.defaultPrevented) return;
    const message = messageAt(room, event, "a, .picture");
    if (message === undefined) return;
    event.preventDefault();
    dialog.value = { type: "actions", message, anchor: anchorAtPointer(event) };
  };
  log.addEventListener("pointerdown", down);
  log.addEventListener("dblclick", doubleClick);
  log.addEventListener("contextmenu", contextMenu);
  return () => {
    log.removeEventListener("pointerdown", down);
    log.removeEventListener("dblclick", doubleClick);
    log.removeEventListener("contextmenu", contextMenu);
  };
}

/** Returns the message at the pointer unless the pointer is on an element that matches `except`. */
function messageAt(room: OpenRoom, { target }: Event, except: string): TimelineMessage | undefined {
  if (!(target instanceof Element) || target.closest(except) !== null) return undefined;
  const message = room.message(Number(target.closest("[data-seq]")?.getAttribute("data-seq")));
  return message?.deleted === true ? undefined : message;
}

/** Returns whether the pointer is on selected text. A double click beside a text selects its last word, too. */
function selectsText({ clientX, clientY }: MouseEvent): boolean {
  const selection = getSelection();
  if (selection === null || selection.isCollapsed) return false;
  return [...selection.getRangeAt(0).getClientRects()].some(
    ({ left, right, top, bottom }) =>
      left <= clientX && clientX <= right && top <= clientY && clientY <= bottom,
  );
}
