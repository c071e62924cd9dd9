/** TimelineWindow draws the blocks near what the reader sees, and those that something else needs. */
import { signal } from "@preact/signals";
import { type Block, blockKey } from "../state/rows.ts";
import { childrenOf } from "./elements.ts";
import { Column, nearBlocks, type Part, partsOf, type View } from "./near.ts";

/**
 * Time of a frame that drawing blocks may take, ms. The browser scrolls what is drawn meanwhile, on another thread: what
 * makes the reader wait is a message that is not there, and to draw several at once takes less than one by one.
 */
const BUDGET_MS = 32;
/** Time until what is near and not yet drawn comes, ms, unless the view moves on. */
const NEXT_MS = 32;
/** A view that was looked at this long ago, ms, has come to rest since. */
const MOVING_MS = 200;
/** Whoever moves further at once than this many screens has jumped. */
const FURTHEST_SCREENS = 3;
/** Share of the last drawing in what one is expected to cost. */
const LEARNING = 0.3;

const BLOCK = "[data-block]";
const SPACER = "[data-spacer]";

type Spacer = Extract<Part, { readonly type: "spacer" }>;

export class TimelineWindow {
  /** Keys of the blocks that are drawn; all are before the first look. */
  readonly #drawn = signal<ReadonlySet<string> | null>(null);
  readonly #column = new Column();
  readonly #blocks: () => readonly Block[];
  #log: HTMLElement | null = null;
  #content: HTMLElement | null = null;
  #width = 0;
  /** Height of the view when it was last looked at, px. */
  #screen = 0;
  #parts: readonly Part[] = [];
  /** The uppermost drawn block of those that are seen. */
  #seen: string | null = null;
  /**
   * What blocks above the view turned out to be higher than they were taken for, px: so much lower is the spacer above
   * them. Thus nothing that is seen moves, which would all have to be painted again, and scrolling is left alone.
   */
  #drift = 0;
  /** Block that the view is about to go to. */
  #wanted: string | null = null;
  /** Block that had the focus last: what closes above the page gives it back. */
  #focused: string | null = null;
  /** What a block is expected to take, ms. */
  #cost = 2;
  /** Blocks that are being drawn, since when. */
  #drawing: { readonly keys: ReadonlySet<string>; readonly since: number } | null = null;
  /** Top of the view when it last moved, px from the top of the first block, and when that was. */
  #last = { top: 0, at: 0 };
  /** Something has been drawn in this frame. */
  #hasDrawn = false;
  #next: ReturnType<typeof setTimeout> | undefined;

  /** @param blocks - gives all blocks */
  constructor(blocks: () => readonly Block[]) {
    this.#blocks = blocks;
  }

  /** What stands in the timeline now. */
  parts(): readonly Part[] {
    this.#column.take(this.#blocks());
    this.#parts = partsOf(this.#column, this.#drawn.value);
    return this.#parts;
  }

  /** Watches the scrolling view `log` and its `content`; returns what ends that. */
  start(log: HTMLElement, content: HTMLElement): () => void {
    this.#log = log;
    this.#content = content;
    const focused = ({ target }: FocusEvent): void => {
      this.#focused = keyAround(target) ?? this.#focused;
    };
    const selected = (): void => {
      if (getSelection()?.isCollapsed === false) this.#draw(0);
    };
    log.addEventListener("focusin", focused);
    document.addEventListener("selectionchange", selected);
    return () => {
      this.#log = null;
      clearTimeout(this.#next);
      log.removeEventListener("focusin", focused);
      document.removeEventListener("selectionchange", selected);
    };
  }

  /**
   * Draws the message with `seq`, before the next frame, and keeps it until the view has been moved there. Says
   * whether there is nothing to wait for, since it is drawn already or is none of the room's messages.
   */
  want(seq: number): boolean {
    const key = blockKey(seq);
    const drawn = this.#drawn.peek();
    this.#column.take(this.#blocks());
    if (this.#column.indexOf(key) < 0) return true;
    // Also what is drawn already, or the next look might give it up.
    this.#wanted = key;
    if (drawn?.has(key) ?? true) return true;
    this.#draw(0);
    return false;
  }

  /** The view has been moved to what was wanted. */
  moved(): void {
    this.#wanted = null;
  }

  /** The view moves: draws, of what is near it, as much as there is time for in this frame. */
  follow(): void {
    // Moving the view back to its place is told of in the same frame.
    this.#draw(this.#hasDrawn ? 0 : Math.max(1, Math.floor(BUDGET_MS / this.#cost)));
  }

  /** What was to be drawn stands in the page: takes its measures, and sizes the spacers for the rest. */
  measure(): void {
    this.#column.take(this.#blocks());
    // Before anything is read: without its spacers, the view would be moved to where there is something.
    this.#sizeSpacers();
    const width = this.#log?.clientWidth ?? 0;
    const isResized = width !== this.#width;
    this.#width = width;
    if (isResized) this.#column.forget();
    const seen = this.#column.indexOf(this.#seen ?? "");
    const before = isResized ? 0 : this.#column.topOf(seen);
    for (const element of childrenOf(this.#content, BLOCK)) {
      const key = element.dataset.block ?? "";
      // To draw some changes no others, of which there are many.
      if (isResized || (this.#drawing?.keys.has(key) ?? true))
        this.#column.measured(key, element.getBoundingClientRect().height);
    }
    if (this.#drawing !== null) {
      const { keys, since } = this.#drawing;
      this.#cost += LEARNING * ((performance.now() - since) / keys.size - this.#cost);
      this.#drawing = null;
    }
    const higher = this.#column.topOf(seen) - before;
    if (higher === 0) return;
    this.#drift = isResized ? 0 : this.#drift + higher;
    this.#sizeSpacers();
  }

  /** Looks where the view is, and draws what it must; what else is near comes soon. */
  look(): void {
    this.#draw(0);
  }

  /** Draws up to `limit` blocks of those that are near. */
  #draw(limit: number): void {
    const log = this.#log;
    const column = this.#column;
    column.take(this.#blocks());
    if (log === null || column.blocks.length === 0) return;
    const drawn = this.#drawn.peek() ?? new Set(column.blocks.map(({ key }) => key));
    const view = this.#view(log);
    this.#screen = log.clientHeight;
    this.#seen = column.blocks.slice(column.indexAt(view.top)).find(({ key }) => drawn.has(key))?.key ?? null;
    const motion = this.#motion(view);
    const { keys, isComplete } = nearBlocks({ column, view, motion, drawn, held: this.#held(), limit });
    const fresh = new Set([...keys].filter((key) => !drawn.has(key)));
    if (fresh.size > 0) {
      this.#drawing = { keys: fresh, since: performance.now() };
      this.#hasDrawn = true;
      requestAnimationFrame(() => {
        this.#hasDrawn = false;
      });
    }
    if (fresh.size > 0 || keys.size !== drawn.size) this.#drawn.value = keys;
    clearTimeout(this.#next);
    if (!isComplete) this.#next = setTimeout(() => this.follow(), NEXT_MS);
  }

  /** Gives each spacer its height; where little is left above the view, what is drawn there moves after all. */
  #sizeSpacers(): void {
    const giving = this.#giving();
    const heightOf = ({ from, to }: Spacer): number => this.#column.topOf(to) - this.#column.topOf(from);
    if (giving === undefined || heightOf(giving) - this.#drift < this.#screen) this.#drift = 0;
    for (const element of childrenOf(this.#content, SPACER)) {
      const spacer = this.#spacers().find(({ key }) => key === element.dataset.spacer);
      if (spacer === undefined) continue;
      const size = `${heightOf(spacer) - (spacer === giving ? this.#drift : 0)}px`;
      if (element.style.blockSize !== size) element.style.blockSize = size;
    }
  }

  #spacers(): readonly Spacer[] {
    return this.#parts.filter((part) => part.type === "spacer");
  }

  /** The spacer above what is seen, which gives way. */
  #giving(): Spacer | undefined {
    const seen = this.#column.indexOf(this.#seen ?? "");
    return this.#spacers().findLast(({ to }) => to <= seen);
  }

  /** What is seen, px from the top of the first block, as if nothing had given way. */
  #view(log: HTMLElement): View {
    const { top, bottom } = log.getBoundingClientRect();
    const giving = this.#giving();
    const spacer = childrenOf(this.#content, `[data-spacer="${giving?.key}"]`)[0];
    // Far up, there is nothing to be kept in its place.
    if (spacer && bottom < spacer.getBoundingClientRect().bottom) {
      this.#seen = null;
      this.#sizeSpacers();
    }
    const first = childrenOf(this.#content, `${BLOCK}, ${SPACER}`)[0]?.getBoundingClientRect().top ?? 0;
    return { top: top - first + this.#drift, bottom: top - first + this.#drift + log.clientHeight };
  }

  /** How far the view is expected to go until what is drawn now shows: as far as since it was last looked at. */
  #motion({ top, bottom }: View): number {
    const now = performance.now();
    const moved = top - this.#last.top;
    const isMoving = now - this.#last.at < MOVING_MS && Math.abs(moved) < FURTHEST_SCREENS * (bottom - top);
    this.#last = { top, at: now };
    return isMoving ? moved : 0;
  }

  #held(): ReadonlySet<string> {
    const held = new Set(this.#selected());
    for (const key of [this.#wanted, this.#focused]) if (key !== null) held.add(key);
    return held;
  }

  /** Blocks that the selected text spans: all of it can be copied. */
  #selected(): readonly string[] {
    const selection = getSelection();
    if (selection === null || selection.isCollapsed) return [];
    const ends = [selection.anchorNode, selection.focusNode].map((node) => {
      const key = this.#content?.contains(node) ? keyAround(node) : null;
      return key === null ? -1 : this.#column.indexOf(key);
    });
    const from = Math.min(...ends);
    return from < 0 ? [] : this.#column.blocks.slice(from, Math.max(...ends) + 1).map(({ key }) => key);
  }
}

/** Key of the block that `target` is in. */
function keyAround(target: EventTarget | null): string | null {
  const element = target instanceof Element ? target : target instanceof Node ? target.parentElement : null;
  return element?.closest<HTMLElement>(BLOCK)?.dataset.block ?? null;
}
