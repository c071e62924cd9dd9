/** Decides which row blocks are drawn: those around the visible range. Pure. */
import type { RowBlock } from "../state/rows.ts";
import type { HeightIndex } from "./height-index.ts";

/** Blocks within this many screens of the visible range are drawn before they are scrolled into view. */
const AHEAD_SCREENS = 1.5;
/** Drawn blocks further away than this many screens are removed. */
const KEPT_SCREENS = 3;

/** The visible range, px from the top of the first block. */
export interface VisibleRange {
  readonly top: number;
  readonly bottom: number;
}

export interface DrawInput {
  readonly heights: HeightIndex;
  readonly range: VisibleRange;
  /** Distance that the range is expected to move before the next frame, px; negative means up. */
  readonly motion: number;
  /** Keys of the blocks that are drawn now. */
  readonly drawn: ReadonlySet<string>;
  /** Keys of blocks that stay drawn at any distance. */
  readonly held: ReadonlySet<string>;
  /** Maximum number of blocks that are added at once. The nearest come first. */
  readonly limit: number;
}

export interface DrawPlan {
  /** Keys of the blocks to draw. The last block is always drawn: it is a live region for screen readers. */
  readonly keys: ReadonlySet<string>;
  /** Every block near the visible range is drawn. */
  readonly isComplete: boolean;
}

/** Returns the blocks to draw for the current visible range and the range expected next. */
export function planDrawing({ heights, range, motion, drawn, held, limit }: DrawInput): DrawPlan {
  const { blocks } = heights;
  const screen = range.bottom - range.top;
  const next: VisibleRange = { top: range.top + motion, bottom: range.bottom + motion };
  const path: VisibleRange = {
    top: Math.min(range.top, next.top),
    bottom: Math.max(range.bottom, next.bottom),
  };
  const keys = new Set<string>();
  const missing: { readonly key: string; readonly distance: number }[] = [];
  const end = heights.indexAt(path.bottom + KEPT_SCREENS * screen);
  for (let index = heights.indexAt(path.top - KEPT_SCREENS * screen); index <= end; index += 1) {
    const key = blocks[index]?.key ?? "";
    const distance = distanceTo(path, heights, index);
    if (drawn.has(key) && distance <= KEPT_SCREENS * screen) keys.add(key);
    else if (distance <= AHEAD_SCREENS * screen)
      missing.push({ key, distance: distanceTo(next, heights, index) });
  }
  for (const key of held) keys.add(key);
  const last = blocks.at(-1);
  if (last !== undefined) keys.add(last.key);
  missing.sort((a, b) => a.distance - b.distance);
  for (const { key } of missing.slice(0, limit)) keys.add(key);
  return { keys, isComplete: missing.length <= limit };
}

/** Returns the distance from `range` to block `index`, px; 0 if they overlap. */
function distanceTo(range: VisibleRange, heights: HeightIndex, index: number): number {
  return Math.max(range.top - heights.topOf(index + 1), heights.topOf(index) - range.bottom, 0);
}

/** Spacer takes the place of the undrawn blocks from index `from` to before `to`. */
export interface Spacer {
  readonly type: "spacer";
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** Part is one child of the timeline: a drawn block or a spacer. */
export type Part =
  | { readonly type: "block"; readonly key: string; readonly block: RowBlock; readonly isLast: boolean }
  | Spacer;

/** Returns the parts of the timeline in order. If `drawn` is `null`, every block is drawn. */
export function partsOf(heights: HeightIndex, drawn: ReadonlySet<string> | null): readonly Part[] {
  const { blocks } = heights;
  const last = blocks.length - 1;
  const indexes =
    drawn === null ? blocks.keys() : [...drawn, blocks[last]?.key ?? ""].map((key) => heights.indexOf(key));
  const parts: Part[] = [];
  let next = 0;
  for (const index of [...new Set(indexes)].sort((a, b) => a - b)) {
    const block = blocks[index];
    if (block === undefined) continue;
    // The key names the block below, which stays the same when older blocks are added above.
    if (index > next) parts.push({ type: "spacer", key: `above-${block.key}`, from: next, to: index });
    parts.push({ type: "block", key: block.key, block, isLast: index === last });
    next = index + 1;
  }
  return parts;
}
