/** Zooming and moving a picture in the viewer. Pure. */

/** Zoom is how a picture is shown: `scale` 1 fits it into the view, and `x` and `y` move its middle, px. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export const FITTED: Zoom = { scale: 1, x: 0, y: 0 };
const MAX_SCALE = 8;

/**
 * Returns the zoom after `factor` more, with the point of the picture at `at` in its place.
 *
 * @param at - from the middle of the view, px
 */
export function zoomedAt(zoom: Zoom, factor: number, at: Point = { x: 0, y: 0 }): Zoom {
  const scale = Math.max(1, Math.min(MAX_SCALE, zoom.scale * factor));
  if (scale === 1) return FITTED;
  const by = scale / zoom.scale;
  return { scale, x: at.x - (at.x - zoom.x) * by, y: at.y - (at.y - zoom.y) * by };
}

/** Returns the zoom after a movement, with no empty space at an edge of the view that the picture could fill. */
export function movedBy(zoom: Zoom, by: Point, picture: Size, view: Size): Zoom {
  return {
    scale: zoom.scale,
    x: within(zoom.x + by.x, (picture.width * zoom.scale - view.width) / 2),
    y: within(zoom.y + by.y, (picture.height * zoom.scale - view.height) / 2),
  };
}

function within(value: number, most: number): number {
  const limit = Math.max(0, most);
  return Math.max(-limit, Math.min(limit, value));
}

/** What a swipe over a picture that fits asks for. */
export type Swipe = "previous" | "next" | "close" | null;

/** Distance of a swipe, px. */
const SWIPE = 56;

/** Returns what a movement of one finger asks for. */
export function swipeOf({ x, y }: Point): Swipe {
  if (Math.abs(x) > Math.abs(y)) return Math.abs(x) < SWIPE ? null : x > 0 ? "previous" : "next";
  return y > SWIPE ? "close" : null;
}
