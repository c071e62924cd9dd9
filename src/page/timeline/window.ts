/** TimelineWindow draws the row blocks around the visible range, and spacers for all others. */
import { signal } from "@preact/signals";
import { blockKey, type RowBlock } from "../state/rows.ts";
import { BLOCK, childrenOf } from "./elements.ts";
import { HeightIndex } from "./height-index.ts";
import { HeldBlocks } from "./held-blocks.ts";
import { Spacers } from "./spacers.ts";
import { type Part, partsOf, planDrawing, type VisibleRange } from "./visible-range.ts";

/**
 * Time of a frame that drawing blocks may take, ms. The browser scrolls on another thread meanwhile, so a longer frame
 * is not noticed but a missing message is, and several blocks at once cost less than one by one.
 */
const BUDGET_MS = 32;
/** Delay before more blocks near the visible range are drawn, ms, unless the user scrolls before. */
const NEXT_MS = 32;
/** After this time without scrolling, ms, the view counts as resting. */
const RESTING_MS = 200;
/** A movement by more than this many screens is a jump, not scrolling. */
const JUMP_SCREENS = 3;
/** Weight of the latest measurement in the average cost of drawing a block. */
const COST_WEIGHT = 0.3;

export class TimelineWindow {
  /** Keys of the drawn blocks; `null`, which means all, before the first update. */
  readonly #drawn = signal<ReadonlySet<string> | null>(null);
  readonly #heights = new HeightIndex();
  readonly #spacers = new Spacers(this.#heights);
  readonly #held = new HeldBlocks(this.#heights);
  readonly #blocks: () => readonly RowBlock[];
  #log: HTMLElement | null = null;
  #content: HTMLElement | null = null;
  #width = 0;
  /** Average cost of drawing a block, ms. */
  #cost = 2;
  /** Blocks that the next render adds, and the start of it. */
  #drawing: { readonly keys: ReadonlySet<string>; readonly since: number } | null = null;
  /** Top of the visible range when it last changed, px, and the time of that. */
  #last = { top: 0, at: 0 };
  /** Blocks have been added in this frame. */
  #hasDrawn = false;
  #next: ReturnType<typeof setTimeout> | undefined;

  /** @param blocks - returns all row blocks */
  constructor(blocks: () => readonly RowBlock[]) {
    this.#blocks = blocks;
  }

  /** Returns the parts of the timeline to render. */
  parts(): readonly Part[] {
    this.#heights.setBlocks(this.#blocks());
    this.#spacers.parts = partsOf(this.#heights, this.#drawn.value);
    return this.#spacers.parts;
  }

  /** Starts to draw into the scroll container `log` with its `content`. Returns a function that ends this. */
  start(log: HTMLElement, content: HTMLElement): () => void {
    this.#log = log;
    this.#content = content;
    const stop = this.#held.start(content, () => this.update());
    return () => {
      stop();
      this.#log = null;
      clearTimeout(this.#next);
    };
  }

  /**
   * Draws the block of the message with `seq` before the next frame, and keeps it drawn until `release`. Returns whether
   * there is nothing to wait for: the block is already drawn, or there is no such block.
   */
  hold(seq: number): boolean {
    const key = blockKey(seq);
    const drawn = this.#drawn.peek();
    this.#heights.setBlocks(this.#blocks());
    if (this.#heights.indexOf(key) < 0) return true;
    // A drawn block is held too: the next update could remove it.
    this.#held.target = key;
    if (drawn?.has(key) ?? true) return true;
    this.#draw(0);
    return false;
  }

  /** Ends `hold`: the view has scrolled to the message. */
  release(): void {
    this.#held.target = null;
  }

  /** Draws blocks near the visible range within the frame's budget. Call when the view scrolls. */
  follow(): void {
    // Restoring the scroll position after a render causes a scroll event in the same frame.
    this.#draw(this.#hasDrawn ? 0 : Math.max(1, Math.floor(BUDGET_MS / this.#cost)));
  }

  /** Draws held blocks and removes distant ones. Missing blocks near the visible range follow later. */
  update(): void {
    this.#draw(0);
  }

  /** Measures the blocks that the last render added, and sizes the spacers. Call after each render. */
  measure(): void {
    this.#heights.setBlocks(this.#blocks());
    // Before any layout is read: without spacers the browser would clamp the scroll position.
    this.#spacers.resize(this.#content);
    const width = this.#log?.clientWidth ?? 0;
    const isResized = width !== this.#width;
    this.#width = width;
    if (isResized) this.#heights.clear();
    // Reading a top would store estimates for all blocks, before the first one is measured.
    const before = isResized ? 0 : this.#spacers.anchorTop();
    for (const element of childrenOf(this.#content, BLOCK)) {
      const key = element.dataset.block ?? "";
      // Added blocks do not change the height of the others, of which there are many.
      if (isResized || (this.#drawing?.keys.has(key) ?? true))
        this.#heights.setHeight(key, element.getBoundingClientRect().height);
    }
    this.#learnCost();
    const change = this.#spacers.anchorTop() - before;
    if (change !== 0) this.#spacers.adjust(this.#content, isResized ? null : change);
  }

  #learnCost(): void {
    if (this.#drawing === null) return;
    const { keys, since } = this.#drawing;
    this.#cost += COST_WEIGHT * ((performance.now() - since) / keys.size - this.#cost);
    this.#drawing = null;
  }

  /** Adds up to `limit` blocks near the visible range, besides the held ones. */
  #draw(limit: number): void {
    const log = this.#log;
    const heights = this.#heights;
    heights.setBlocks(this.#blocks());
    if (log === null || heights.blocks.length === 0) return;
    const drawn = this.#drawn.peek() ?? new Set(heights.blocks.map(({ key }) => key));
    const range = this.#spacers.visibleRange(log, this.#content);
    const visible = heights.blocks.slice(heights.indexAt(range.top));
    this.#spacers.setAnchor(visible.find(({ key }) => drawn.has(key))?.key ?? null, log.clientHeight);
    const motion = this.#motion(range);
    const held = this.#held.keys();
    const { keys, isComplete } = planDrawing({ heights, range, motion, drawn, held, limit });
    const added = new Set([...keys].filter((key) => !drawn.has(key)));
    if (added.size > 0) {
      this.#drawing = { keys: added, since: performance.now() };
      this.#hasDrawn = true;
      requestAnimationFrame(() => {
        this.#hasDrawn = false;
      });
    }
    if (added.size > 0 || keys.size !== drawn.size) this.#drawn.value = keys;
    clearTimeout(this.#next);
    if (!isComplete) this.#next = setTimeout(() => this.follow(), NEXT_MS);
  }

  /** Returns how far the range is expected to move before the next frame, px: as far as since the last update. */
  #motion({ top, bottom }: VisibleRange): number {
    const now = performance.now();
    const moved = top - this.#last.top;
    const isScrolling = now - this.#last.at < RESTING_MS && Math.abs(moved) < JUMP_SCREENS * (bottom - top);
    this.#last = { top, at: now };
    return isScrolling ? moved : 0;
  }
}
