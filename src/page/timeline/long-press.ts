/** A long press on a message opens its actions, as phones do it. */
import type { OpenRoom } from "../state/open-room.ts";
import { anchorAt, dialog } from "../state/ui.ts";

const LONG_PRESS_MS = 450;
/** Pixels that a resting finger may move. */
const SLACK = 10;

/** Watches `log` until the returned function is called. */
export function watchLongPress(session: OpenRoom, log: HTMLElement): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let start = { x: 0, y: 0 };
  const cancel = (): void => clearTimeout(timer);
  const down = (event: PointerEvent): void => {
    cancel();
    if (event.pointerType === "mouse" || !event.isPrimary || !(event.target instanceof Element)) return;
    const row = event.target.closest("[data-seq]");
    if (row === null || event.target.closest("a, button, pre") !== null) return;
    start = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => open(session, row), LONG_PRESS_MS);
  };
  const move = (event: PointerEvent): void => {
    if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > SLACK) cancel();
  };
  /** The system's own menu would come on top. */
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

function open(session: OpenRoom, row: Element): void {
  const message = session.message(Number(row.getAttribute("data-seq")));
  if (message === undefined || message.deleted === true) return;
  navigator.vibrate?.(10);
  swallowClick();
  dialog.value = { type: "actions", message, anchor: anchorAt(row) };
}

/** The finger that is still down would click on what has just opened under it. */
function swallowClick(): void {
  const swallow = (event: Event): void => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("click", swallow, { capture: true });
  const next = { capture: true, once: true };
  addEventListener("pointerdown", () => removeEventListener("click", swallow, { capture: true }), next);
}
