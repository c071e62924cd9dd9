/** Spacers sizes the elements that take the place of undrawn row blocks. */
import { BLOCK, childrenOf, SPACER } from "./elements.ts";
import type { HeightIndex } from "./height-index.ts";
import type { Part, Spacer, VisibleRange } from "./visible-range.ts";

export class Spacers {
  /** The parts of the timeline as they are drawn. */
  parts: readonly Part[] = [];
  readonly #heights: HeightIndex;
  /** Key of the first drawn block in the visible range. */
  #first: string | null = null;
  /** Height of the view, px. */
  #screen = 0;
  /**
   * Difference between the measured and the estimated heights of the blocks above the visible range, px. The spacer
   * above the range is smaller by it. So nothing visible moves, and the scroll position needs no correction, which
   * would interrupt scrolling and repaint the view.
   */
  #anchorError = 0;

  constructor(heights: HeightIndex) {
    this.#heights = heights;
  }

  /** Sets the first drawn block in the visible range, whose position is kept, and the height of the view, px. */
  setAnchor(key: string | null, screen: number): void {
    this.#first = key;
    this.#screen = screen;
  }

  /** Returns the top of the anchor block in the height index, px. */
  anchorTop(): number {
    return this.#heights.topOf(this.#anchorIndex());
  }

  /** Adds to the anchor error, or resets it if `change` is `null`, and sizes the spacers in `content`. */
  adjust(content: HTMLElement | null, change: number | null): void {
    this.#anchorError = change === null ? 0 : this.#anchorError + change;
    this.resize(content);
  }

  /** Sets the height of each spacer in `content`. */
  resize(content: HTMLElement | null): void {
    const shrunk = this.#shrunk();
    // With less than a screen above the visible range, the error is corrected by moving what is visible.
    if (shrunk === undefined || this.#heightOf(shrunk) - this.#anchorError < this.#screen)
      this.#anchorError = 0;
    for (const element of childrenOf(content, SPACER)) {
      const spacer = this.#spacers().find(({ key }) => key === element.dataset.spacer);
      if (spacer === undefined) continue;
      const size = `${this.#heightOf(spacer) - (spacer === shrunk ? this.#anchorError : 0)}px`;
      if (element.style.blockSize !== size) element.style.blockSize = size;
    }
  }

  /** Returns the visible range of `log` in the height index. */
  visibleRange(log: HTMLElement, content: HTMLElement | null): VisibleRange {
    const { top, bottom } = log.getBoundingClientRect();
    const shrunk = this.#shrunk();
    const spacer = childrenOf(content, `[data-spacer="${shrunk?.key}"]`)[0];
    // The view has jumped above the shrunk spacer: no visible block needs to keep its position.
    if (spacer !== undefined && bottom < spacer.getBoundingClientRect().bottom) {
      this.#first = null;
      this.resize(content);
    }
    const first = childrenOf(content, `${BLOCK}, ${SPACER}`)[0]?.getBoundingClientRect().top ?? 0;
    const start = top - first + this.#anchorError;
    return { top: start, bottom: start + log.clientHeight };
  }

  #heightOf({ from, to }: Spacer): number {
    return this.#heights.topOf(to) - this.#heights.topOf(from);
  }

  #spacers(): readonly Spacer[] {
    return this.parts.filter((part) => part.type === "spacer");
  }

  /** Returns the last spacer above the anchor: the one that is smaller by the anchor error. */
  #shrunk(): Spacer | undefined {
    const anchor = this.#anchorIndex();
    return this.#spacers().findLast(({ to }) => to <= anchor);
  }

  #anchorIndex(): number {
    return this.#heights.indexOf(this.#first ?? "");
  }
}
