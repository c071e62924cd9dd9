/**
 * Which blocks of the timeline are drawn: those near what the reader sees. Of the others there are spacers as high
 * as they are, or as they will be as far as anyone can tell. Pure.
 */
import type { Block } from "../state/rows.ts";

/** Screens above and below the view that are drawn ahead, so that scrolling finds messages there. */
const AHEAD_SCREENS = 1.5;
/** Blocks further away than this many screens are given up. */
const KEPT_SCREENS = 3;
/** Height of a row before any was measured, px. */
const USUAL_ROW = 40;

/** Where blocks are, one below the other: by their heights where they have been drawn, else by guesses. */
export class Column {
  blocks: readonly Block[] = [];
  readonly #heights = new Map<string, number>();
  #indexes = new Map<string, number>();
  /** Top of each block, px from that of the first, and last the bottom of all. */
  #tops: number[] = [0];
  /** Tops from this one on are to be reckoned anew. */
  #valid = 0;
  #rows = 0;
  #sum = 0;

  /** The column is made of `blocks` now. What was guessed stays, so that nothing moves while others are measured. */
  take(blocks: readonly Block[]): void {
    if (blocks === this.blocks) return;
    this.blocks = blocks;
    this.#indexes = new Map(blocks.map(({ key }, index) => [key, index]));
    this.#tops = [0];
    this.#valid = 0;
  }

  /** Index of the block with `key`, or -1. */
  indexOf(key: string): number {
    return this.#indexes.get(key) ?? -1;
  }

  /** Top of block `index`, px from that of the first; of their number, the bottom of the last. */
  topOf(index: number): number {
    for (; this.#valid < index; this.#valid += 1) {
      const block = this.blocks[this.#valid];
      const top = this.#tops[this.#valid] ?? 0;
      this.#tops[this.#valid + 1] = top + (block === undefined ? 0 : this.#heightOf(block));
    }
    return this.#tops[index] ?? 0;
  }

  #heightOf({ key, rows }: Block): number {
    const known = this.#heights.get(key);
    if (known !== undefined) return known;
    const guess = rows.length * (this.#rows === 0 ? USUAL_ROW : this.#sum / this.#rows);
    this.#heights.set(key, guess);
    return guess;
  }

  /** Index of the last block that begins at `y` or above, px from the top of the first. */
  indexAt(y: number): number {
    this.topOf(this.blocks.length);
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#tops[middle] ?? 0) <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The block with `key` is `height` px high. */
  measured(key: string, height: number): void {
    const index = this.indexOf(key);
    const block = this.blocks[index];
    if (block === undefined || this.#heights.get(key) === height) return;
    this.#heights.set(key, height);
    this.#valid = Math.min(this.#valid, index);
    this.#rows += block.rows.length;
    this.#sum += height;
  }

  /** All is of another width now, and has other heights. */
  forget(): void {
    this.#heights.clear();
    this.#valid = 0;
    this.#rows = 0;
    this.#sum = 0;
  }
}

/** What the reader sees, px from the top of the first block. */
export interface View {
  readonly top: number;
  readonly bottom: number;
}

export interface Nearness {
  readonly column: Column;
  readonly view: View;
  /** How far the view goes on until what is drawn now shows, px; negative upwards. */
  readonly motion: number;
  /** Keys of the blocks that are drawn now. */
  readonly drawn: ReadonlySet<string>;
  /** Keys of blocks that are drawn wherever they are. */
  readonly held: ReadonlySet<string>;
  /** Blocks that a frame has the time to draw besides: the nearest of those that are near. */
  readonly limit: number;
}

export interface Near {
  /** Keys of the blocks to draw. The last block is always there: screen readers tell of what is added to it. */
  readonly keys: ReadonlySet<string>;
  /** All that is near is drawn. */
  readonly isComplete: boolean;
}

/** Blocks to draw where the reader is now, and where the view goes. */
export function nearBlocks({ column, view, motion, drawn, held, limit }: Nearness): Near {
  const { blocks } = column;
  const screen = view.bottom - view.top;
  const next: View = { top: view.top + motion, bottom: view.bottom + motion };
  const way: View = { top: Math.min(view.top, next.top), bottom: Math.max(view.bottom, next.bottom) };
  const keys = new Set<string>();
  const missing: { readonly key: string; readonly distance: number }[] = [];
  const end = column.indexAt(way.bottom + KEPT_SCREENS * screen);
  for (let index = column.indexAt(way.top - KEPT_SCREENS * screen); index <= end; index += 1) {
    const key = blocks[index]?.key ?? "";
    const distance = distanceOf(column, index, way);
    if (drawn.has(key) && distance <= KEPT_SCREENS * screen) keys.add(key);
    else if (distance <= AHEAD_SCREENS * screen)
      missing.push({ key, distance: distanceOf(column, index, next) });
  }
  for (const key of held) keys.add(key);
  const last = blocks.at(-1);
  if (last !== undefined) keys.add(last.key);
  missing.sort((a, b) => a.distance - b.distance);
  for (const { key } of missing.slice(0, limit)) keys.add(key);
  return { keys, isComplete: missing.length <= limit };
}

/** How far block `index` is from `view`, px; 0 where it is in it. */
function distanceOf(column: Column, index: number, view: View): number {
  return Math.max(view.top - column.topOf(index + 1), column.topOf(index) - view.bottom, 0);
}

/** Part is a block that is drawn, or the spacer for those between two that are. */
export type Part =
  | { readonly type: "block"; readonly key: string; readonly block: Block; readonly isLast: boolean }
  /** Spacer for the blocks from index `from` to before `to`. */
  | { readonly type: "spacer"; readonly key: string; readonly from: number; readonly to: number };

/** What stands in the timeline, in order; without `drawn`, every block. */
export function partsOf(column: Column, drawn: ReadonlySet<string> | null): readonly Part[] {
  const { blocks } = column;
  const last = blocks.length - 1;
  const shown =
    drawn === null ? blocks.keys() : [...drawn, blocks[last]?.key ?? ""].map((key) => column.indexOf(key));
  const parts: Part[] = [];
  let next = 0;
  for (const index of [...new Set(shown)].sort((a, b) => a - b)) {
    const block = blocks[index];
    if (block === undefined) continue;
    // By what comes below it, it stays the same while older blocks come in above.
    if (index > next) parts.push({ type: "spacer", key: `above-${block.key}`, from: next, to: index });
    parts.push({ type: "block", key: block.key, block, isLast: index === last });
    next = index + 1;
  }
  return parts;
}
