/** Opens the menu of a message on a long press, which is how phones open menus. */
import type { OpenRoom } from "../state/open-room.ts";
import { anchorAt, dialog } from "../state/ui.ts";

const LONG_PRESS_MS = 450;
/** Distance that a resting finger can move, px. */
const SLACK = 10;

/** Watches `log`. Returns a function that ends this. */
export function watchLongPress(room: OpenRoom, log: HTMLElement): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let start = { x: 0, y: 0 };
  const cancel = (): void => clearTimeout(timer);
  const down = (event: PointerEvent): void => {
    cancel();
    if (event.pointerType === "mouse" || !event.isPrimary || !(event.target instanceof Element)) return;
    const row = event.target.closest("[data-seq]");
    if (row === null || event.target.closest("a, button:not(.person-button, .picture), pre") !== null) return;
    start = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => open(room, row), LONG_PRESS_MS);
  };
  const move = (event: PointerEvent): void => {
    if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > SLACK) cancel();
  };
  // The menu of the system would cover that of the message.
  const menu = (event: Event): void => {
    if (dialog.peek() !== null) event.preventDefault();
  };
  log.addEventListener("pointerdown", down);
  log.addEventListener("pointermove", move);
  log.addEventListener("contextmenu", menu);
  for (const type of ["pointerup", "pointercancel", "scroll"]) log.addEventListener(type, cancel);
  return () => {
    cancel();
    log.removeEventListener("pointerdown", down);
    log.removeEventListener("pointermove", move);
    log.removeEventListener("contextmenu", menu);
    for (const type of ["pointerup", "pointercancel", "scroll"]) log.removeEventListener(type, cancel);
  };
}

function open(room: OpenRoom, row: Element): void {
  const message = room.message(Number(row.getAttribute("data-seq")));
  if (message === undefined || message.deleted === true) return;
  navigator.vibrate?.(10);
  swallowClick();
  dialog.value = { type: "actions", message, anchor: anchorAt(row) };
}

/** Ignores the click that lifting the finger causes: it would hit the menu that has just opened. */
function swallowClick(): void {
  const swallow = (event: Event): void => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("click", swallow, { capture: true });
  const next = { capture: true, once: true };
  addEventListener("pointerdown", () => removeEventListener("click", swallow, { capture: true }), next);
}
