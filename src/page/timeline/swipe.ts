/** Replies to a message that is swiped sideways on a touch screen. */
import type { OpenRoom } from "../state/open-room.ts";

/** Distance at which a swipe replies, px. */
const REPLY_DISTANCE = 56;
/** Distance that a message can move, px. */
const MAX_DISTANCE = 72;
/** Distance after which the direction is clear, px. */
const SLACK = 12;
/** Space at the edges of the window where a swipe goes back in the browser's history, px. */
const EDGE = 24;

interface Swipe {
  readonly row: HTMLElement;
  readonly x: number;
  readonly y: number;
  isSideways: boolean;
}

/** Watches `log`. Returns a function that ends this. The style sheet leaves sideways movements to this code. */
export function watchSwipes(room: OpenRoom, log: HTMLElement): () => void {
  let swipe: Swipe | null = null;
  const end = (): void => {
    swipe?.row.style.removeProperty("translate");
    delete swipe?.row.dataset.swipe;
    swipe = null;
  };
  const down = (event: PointerEvent): void => {
    end();
    const { clientX: x, clientY: y, target } = event;
    if (event.pointerType !== "touch" || !event.isPrimary || !(target instanceof Element)) return;
    const row = target.closest<HTMLElement>("article[data-seq]");
    if (row === null || target.closest("figure") !== null || x < EDGE || x > innerWidth - EDGE) return;
    swipe = { row, x, y, isSideways: false };
  };
  const move = (event: PointerEvent): void => {
    if (swipe === null) return;
    const [dx, dy] = [event.clientX - swipe.x, event.clientY - swipe.y];
    if (!swipe.isSideways) {
      if (Math.abs(dy) > SLACK) end();
      else swipe.isSideways = Math.abs(dx) > SLACK;
    }
    if (!swipe?.isSideways) return;
    swipe.row.style.translate = `${Math.max(-MAX_DISTANCE, Math.min(dx, MAX_DISTANCE))}px`;
    swipe.row.dataset.swipe = Math.abs(dx) >= REPLY_DISTANCE ? "replies" : "";
  };
  const up = (): void => {
    const row = swipe?.row;
    const replies = row?.dataset.swipe === "replies";
    end();
    const message = room.message(Number(row?.dataset.seq));
    if (!replies || message === undefined || message.deleted === true) return;
    navigator.vibrate?.(10);
    room.composer.answer(message);
  };
  log.addEventListener("pointerdown", down);
  log.addEventListener("pointermove", move);
  log.addEventListener("pointerup", up);
  log.addEventListener("pointercancel", end);
  return () => {
    end();
    log.removeEventListener("pointerdown", down);
    log.removeEventListener("pointermove", move);
    log.removeEventListener("pointerup", up);
    log.removeEventListener("pointercancel", end);
  };
}
