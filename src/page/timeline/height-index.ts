/** Positions of all row blocks, one below the other. Pure. */
import { firstIndex } from "../state/binary-search.ts";
import type { RowBlock } from "../state/rows.ts";

/** Estimated height of a row before any block is measured, px. */
const DEFAULT_ROW_HEIGHT = 40;

/** HeightIndex holds the height of each row block: the measured one if it has been drawn, else an estimate. */
export class HeightIndex {
  blocks: readonly RowBlock[] = [];
  readonly #heights = new Map<string, number>();
  #indexes = new Map<string, number>();
  /** Top of each block in px from that of the first block; the last entry is the bottom of the last block. */
  #tops: number[] = [0];
  /** Number of entries of `#tops`, after the first, that are valid. */
  #valid = 0;
  #measuredRows = 0;
  #measuredHeight = 0;

  /** Replaces the blocks. Estimates stay, so that measuring a block does not move unmeasured ones. */
  setBlocks(blocks: readonly RowBlock[]): void {
    if (blocks === this.blocks) return;
    this.blocks = blocks;
    this.#indexes = new Map(blocks.map(({ key }, index) => [key, index]));
    this.#tops = [0];
    this.#valid = 0;
  }

  /** Returns the index of the block with `key`, or -1. */
  indexOf(key: string): number {
    return this.#indexes.get(key) ?? -1;
  }

  /** Returns the top of block `index`, px from that of the first block; for the number of blocks, the total height. */
  topOf(index: number): number {
    for (; this.#valid < index; this.#valid += 1) {
      const block = this.blocks[this.#valid];
      const top = this.#tops[this.#valid] ?? 0;
      this.#tops[this.#valid + 1] = top + (block === undefined ? 0 : this.#heightOf(block));
    }
    return this.#tops[index] ?? 0;
  }

  /** Returns the index of the last block whose top is at most `y` px below that of the first block. */
  indexAt(y: number): number {
    this.topOf(this.blocks.length);
    return Math.max(0, firstIndex(this.blocks.length, (index) => (this.#tops[index] ?? 0) > y) - 1);
  }

  /** Sets the measured height of the block with `key`, px. */
  setHeight(key: string, height: number): void {
    const index = this.indexOf(key);
    const block = this.blocks[index];
    if (block === undefined || this.#heights.get(key) === height) return;
    this.#heights.set(key, height);
    this.#valid = Math.min(this.#valid, index);
    this.#measuredRows += block.rows.length;
    this.#measuredHeight += height;
  }

  /** Removes all heights, for example because the width of the view has changed. */
  clear(): void {
    this.#heights.clear();
    this.#valid = 0;
    this.#measuredRows = 0;
    this.#measuredHeight = 0;
  }

  #heightOf({ key, rows }: RowBlock): number {
    const known = this.#heights.get(key);
    if (known !== undefined) return known;
    const rowHeight =
      this.#measuredRows === 0 ? DEFAULT_ROW_HEIGHT : this.#measuredHeight / this.#measuredRows;
    const estimate = rows.length * rowHeight;
    this.#heights.set(key, estimate);
    return estimate;
  }
}
