/** HeldBlocks keeps the row blocks that stay drawn wherever the user scrolls to. */
import { blockKeyAround } from "./elements.ts";
import type { HeightIndex } from "./height-index.ts";

export class HeldBlocks {
  /** Block that the view is about to scroll to. */
  target: string | null = null;
  /** Block that had the focus last. A dialog that closes gives the focus back to it. */
  #focused: string | null = null;
  #content: HTMLElement | null = null;
  readonly #heights: HeightIndex;

  constructor(heights: HeightIndex) {
    this.#heights = heights;
  }

  /** Follows focus and selection in `content`; `onSelect` is called after a selection. Returns a function that ends this. */
  start(content: HTMLElement, onSelect: () => void): () => void {
    this.#content = content;
    const focused = ({ target }: FocusEvent): void => {
      this.#focused = blockKeyAround(target) ?? this.#focused;
    };
    const selected = (): void => {
      if (getSelection()?.isCollapsed === false) onSelect();
    };
    content.addEventListener("focusin", focused);
    document.addEventListener("selectionchange", selected);
    return () => {
      content.removeEventListener("focusin", focused);
      document.removeEventListener("selectionchange", selected);
    };
  }

  /** Returns the keys of the held blocks. */
  keys(): ReadonlySet<string> {
    const keys = new Set(this.#selected());
    for (const key of [this.target, this.#focused]) if (key !== null) keys.add(key);
    return keys;
  }

  /** Returns the blocks that the selection spans, so that all of it can be copied. */
  #selected(): readonly string[] {
    const selection = getSelection();
    if (selection === null || selection.isCollapsed) return [];
    const ends = [selection.anchorNode, selection.focusNode].map((node) => {
      const key = this.#content?.contains(node) ? blockKeyAround(node) : null;
      return key === null ? -1 : this.#heights.indexOf(key);
    });
    const from = Math.min(...ends);
    return from < 0 ? [] : this.#heights.blocks.slice(from, Math.max(...ends) + 1).map(({ key }) => key);
  }
}
