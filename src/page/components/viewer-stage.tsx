/** The picture in the viewer: wheel, pointer and fingers zoom, move and swipe it. */
import type { Signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { t } from "../i18n/index.ts";
import { FITTED, movedBy, type Swipe, swipeOf, type Zoom, zoomedAt } from "../pictures/zoom.ts";
import { PictureImage, type PictureInfo } from "./picture.tsx";

interface ViewerStageProps {
  readonly file: PictureInfo;
  readonly zoom: Signal<Zoom>;
  /** A swipe asks for another picture, or for the end. */
  readonly swiped: (swipe: Exclude<Swipe, null>) => void;
}

/** Zoom of a double click or tap. */
const DOUBLE = 2.5;
/** Time between the taps of a double tap, ms. */
const DOUBLE_MS = 300;

interface Point {
  readonly x: number;
  readonly y: number;
}

export function ViewerStage({ file, zoom, swiped }: ViewerStageProps) {
  const stage = useRef<HTMLElement>(null);
  const gestures = useMemo(() => new Gestures(zoom), [zoom]);
  gestures.swiped = swiped;
  useEffect(() => {
    // The dialog has focused its first button.
    stage.current?.focus({ preventScroll: true });
    return stage.current === null ? undefined : gestures.start(stage.current);
  }, [gestures]);
  const { scale, x, y } = zoom.value;
  return (
    <section
      class="viewer-stage"
      ref={stage}
      aria-label={t.value.picture(file.alt ?? "")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys zoom it
      tabIndex={0}
      data-zoomed={scale > 1}
    >
      <div
        class="viewer-picture"
        style={{
          "--ratio": file.w / file.h,
          "--width": `${file.w}px`,
          transform: `translate(${x}px, ${y}px) scale(${scale})`,
        }}
      >
        <PictureImage key={file.id} file={file} />
      </div>
    </section>
  );
}

/** Gestures turns pointer events into zoom and swipes. */
class Gestures {
  swiped: ViewerStageProps["swiped"] = () => undefined;
  readonly #zoom: Signal<Zoom>;
  #stage: HTMLElement | null = null;
  /** Positions of the fingers, or of the pressed mouse. */
  readonly #pointers = new Map<number, Point>();
  /** Movement of the one finger since it touched, px. */
  #moved: Point = { x: 0, y: 0 };
  /** Two fingers were used: lifting one of them is no swipe. */
  #isPinch = false;
  #lastTap = 0;

  constructor(zoom: Signal<Zoom>) {
    this.#zoom = zoom;
  }

  start(stage: HTMLElement): () => void {
    this.#stage = stage;
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      this.#zoomAt(event, Math.exp(-event.deltaY / 300));
    };
    const down = (event: PointerEvent): void => this.#down(event);
    const move = (event: PointerEvent): void => this.#move(event);
    const up = (event: PointerEvent): void => this.#up(event);
    stage.addEventListener("wheel", wheel, { passive: false });
    stage.addEventListener("pointerdown", down);
    stage.addEventListener("pointermove", move);
    stage.addEventListener("pointerup", up);
    stage.addEventListener("pointercancel", up);
    return () => {
      stage.removeEventListener("wheel", wheel);
      stage.removeEventListener("pointerdown", down);
      stage.removeEventListener("pointermove", move);
      stage.removeEventListener("pointerup", up);
      stage.removeEventListener("pointercancel", up);
    };
  }

  #down(event: PointerEvent): void {
    this.#stage?.setPointerCapture(event.pointerId);
    if (this.#pointers.size === 0) this.#isPinch = false;
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.#isPinch ||= this.#pointers.size > 1;
    this.#moved = { x: 0, y: 0 };
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (before === undefined) return;
    const now = { x: event.clientX, y: event.clientY };
    const others = [...this.#pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    this.#pointers.set(event.pointerId, now);
    const [other] = others;
    const by = { x: now.x - before.x, y: now.y - before.y };
    if (other !== undefined) {
      const middle = { clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 };
      this.#zoomAt(middle, distance(now, other) / Math.max(1, distance(before, other)));
      this.#moveBy({ x: by.x / 2, y: by.y / 2 });
    } else {
      this.#moved = { x: this.#moved.x + by.x, y: this.#moved.y + by.y };
      if (this.#zoom.peek().scale > 1) this.#moveBy(by);
    }
  }

  #up(event: PointerEvent): void {
    if (!this.#pointers.delete(event.pointerId) || this.#pointers.size > 0 || this.#isPinch) return;
    if (event.type === "pointercancel") return;
    if (Math.hypot(this.#moved.x, this.#moved.y) < 10) {
      this.#tap(event);
      return;
    }
    const swipe = this.#zoom.peek().scale > 1 || event.pointerType === "mouse" ? null : swipeOf(this.#moved);
    if (swipe !== null) this.swiped(swipe);
  }

  #tap(event: PointerEvent): void {
    const isDouble = event.timeStamp - this.#lastTap < DOUBLE_MS;
    this.#lastTap = isDouble ? 0 : event.timeStamp;
    if (!isDouble) return;
    if (this.#zoom.peek().scale > 1) this.#zoom.value = FITTED;
    else this.#zoomAt(event, DOUBLE);
  }

  #zoomAt(
    { clientX, clientY }: { readonly clientX: number; readonly clientY: number },
    factor: number,
  ): void {
    const view = this.#stage?.getBoundingClientRect();
    if (view === undefined) return;
    const at = { x: clientX - view.left - view.width / 2, y: clientY - view.top - view.height / 2 };
    this.#zoom.value = zoomedAt(this.#zoom.peek(), factor, at);
    this.#moveBy({ x: 0, y: 0 });
  }

  #moveBy(by: Point): void {
    const stage = this.#stage;
    const picture = stage?.firstElementChild;
    if (stage === null || !(picture instanceof HTMLElement)) return;
    const size = { width: picture.offsetWidth, height: picture.offsetHeight };
    const view = { width: stage.clientWidth, height: stage.clientHeight };
    this.#zoom.value = movedBy(this.#zoom.peek(), by, size, view);
  }
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
