/**
 * Scroller keeps the scroll position when the content changes: at the end if the view was there, else the same message
 * at the same height. The browser's scroll anchoring is turned off, because not every browser has it and none handles
 * older messages that are added above.
 */
import { signal } from "@preact/signals";
import { wantsLessMotion } from "../effects/media.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { BLOCK, childrenOf, firstBelow, offsetIn } from "./elements.ts";
import type { TimelineWindow } from "./window.ts";

/** The view is at the end if it is within this distance of it, px. */
const END_SLACK = 24;
/** Earlier messages are requested when the top is within this many screens. */
const EARLY_SCREENS = 2;
/** A message counts as shown if this much of it is in the view, px. */
const MIN_VISIBLE = 8;
const ROW = "[data-seq]";
/** Messages requested at a time. */
const PAGE = 100;

interface Anchor {
  readonly element: Element;
  /** Distance from the top of the content to the top of the element, px. */
  readonly offset: number;
}

export class Scroller {
  /** Time of the first visible message, if the line of its day is above the view and the view is not at the end. */
  readonly viewDay = signal<number | null>(null);
  readonly #room: OpenRoom;
  readonly #window: TimelineWindow;
  #log: HTMLElement | null = null;
  #content: HTMLElement | null = null;
  #anchor: Anchor | null = null;
  /** Scroll position, content height and view height when they were last read, px. */
  #last = { top: 0, height: 0, client: 0 };
  #placed = false;
  #loading = false;

  constructor(room: OpenRoom, window: TimelineWindow) {
    this.#room = room;
    this.#window = window;
  }

  /** Watches the scroll container `log` and its `content`. Returns a function that ends this. */
  start(log: HTMLElement, content: HTMLElement): () => void {
    this.#log = log;
    this.#content = content;
    const resized = new ResizeObserver(() => {
      const { height, client } = this.#last;
      // After a render the position is already restored.
      if (log.scrollHeight !== height || log.clientHeight !== client) this.restorePosition();
    });
    resized.observe(log);
    resized.observe(content);
    const scrolled = (): void => {
      // A late event of an earlier scroll, after the view was resized: the user has not scrolled away.
      const { top, height, client } = this.#last;
      const isResized = log.scrollHeight !== height || log.clientHeight !== client;
      if (isResized && log.scrollTop === top) this.restorePosition();
      this.#onScroll();
    };
    const visibilityChanged = (): void => this.#reportShown();
    log.addEventListener("scroll", scrolled, { passive: true });
    document.addEventListener("visibilitychange", visibilityChanged);
    const stop = this.#room.endRequests.subscribe((count) => {
      if (count === 0) return;
      log.scrollTop = log.scrollHeight;
      // The rows to come are drawn below, and the view follows them.
      this.#room.atEnd.value = true;
      this.#remember(log);
    });
    return () => {
      this.#log = null;
      stop();
      resized.disconnect();
      log.removeEventListener("scroll", scrolled);
      document.removeEventListener("visibilitychange", visibilityChanged);
    };
  }

  /** Restores the position after a change of the content's or the view's size. Call after each render. */
  restorePosition(): void {
    const log = this.#log;
    if (log === null) return;
    this.#window.measure();
    if (!this.#placed) this.#place(log);
    else if (this.#wasAtEnd(log)) log.scrollTop = log.scrollHeight;
    else this.#restoreAnchor(log);
    this.#remember(log);
    if (this.#placed) this.#window.update();
  }

  /** Returns whether the view was at the end before the content changed. A scroll event can still be pending. */
  #wasAtEnd(log: HTMLElement): boolean {
    const { top, height, client } = this.#last;
    if (log.scrollTop === top) return this.#room.atEnd.peek();
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight <= END_SLACK;
    return isAtEnd || height - log.scrollTop - client <= END_SLACK;
  }

  #remember(log: HTMLElement): void {
    this.#last = { top: log.scrollTop, height: log.scrollHeight, client: log.clientHeight };
    const message = this.#firstVisible(log);
    // The text only: the author's name above it can disappear when older messages are added.
    const element = message?.querySelector(".message-text") ?? message;
    this.#anchor = element === undefined ? null : { element, offset: offsetIn(log, element) };
    this.#reportShown();
    this.#updateViewDay(message);
  }

  /**
   * Makes the current position the one to keep, after the page has scrolled. The scroll event comes a frame later, when
   * the messages that came into view can have other heights.
   */
  keepPosition(): void {
    this.#placed = true;
    this.#window.release();
    this.#onScroll();
  }

  /** Scrolls to the latest message. */
  scrollToEnd(): void {
    const log = this.#log;
    if (log === null) return;
    const isClose = log.scrollHeight - log.scrollTop < log.clientHeight * 4;
    log.scrollTo({
      top: log.scrollHeight,
      behavior: isClose && !wantsLessMotion.peek() ? "smooth" : "instant",
    });
    log.focus({ preventScroll: true });
  }

  /** Loads earlier messages if the top is near or unread ones are missing, and repeats that until neither is so. */
  loadEarlier(): void {
    const log = this.#log;
    if (log === null || this.#loading) return;
    const isNearTop = log.scrollTop <= log.clientHeight * EARLY_SCREENS;
    if (!isNearTop && !this.#room.reading.needsEarlier()) return;
    const { timeline, connection } = this.#room.state.peek();
    if (!timeline.more || connection !== "online" || !this.#room.isWhole.peek()) return;
    this.#loading = true;
    void this.#room.loading.while(this.#room.client.loadEarlier({ limit: PAGE })).finally(() => {
      this.#loading = false;
      // One page may not fill the view.
      requestAnimationFrame(() => this.loadEarlier());
    });
  }

  /** Sets the first position: at the line of new messages, else at the end. */
  #place(log: HTMLElement): void {
    const { fromCache, isCurrent, blocks, reading } = this.#room;
    if (blocks.peek().length === 0) return;
    const line = log.querySelector(".unread-line");
    // With unread messages that are not loaded, the line is not at the first of them.
    if (line !== null && reading.unread.peek().isComplete) {
      log.scrollTop +=
        line.getBoundingClientRect().top - log.getBoundingClientRect().top - log.clientHeight / 4;
    } else log.scrollTop = log.scrollHeight;
    // Messages from the cache are shown at their end until the server answers.
    this.#placed = !fromCache.peek() && isCurrent.peek();
    this.#onScroll();
  }

  #onScroll(): void {
    const log = this.#log;
    if (log === null) return;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight <= END_SLACK;
    if (atEnd !== this.#room.atEnd.peek()) this.#room.atEnd.value = atEnd;
    this.#remember(log);
    if (this.#placed) this.#window.follow();
    this.loadEarlier();
  }

  #restoreAnchor(log: HTMLElement): void {
    if (!this.#anchor?.element.isConnected) return;
    const { element, offset } = this.#anchor;
    const moved = offsetIn(log, element) - offset;
    if (Math.abs(moved) >= 1) log.scrollTop += moved;
  }

  /** Returns the first message that is not entirely above the view, or the nearest thing to it. */
  #firstVisible(log: HTMLElement): Element | undefined {
    const { top } = log.getBoundingClientRect();
    const block = firstBelow(childrenOf(this.#content, `${BLOCK}, .pending-list`), top);
    // Messages and notices only: the line of a day can disappear when older messages are added.
    return block && (firstBelow(block.querySelectorAll(`[data-row], ${ROW}`), top) ?? block);
  }

  #updateViewDay(message: Element | undefined): void {
    const seq = seqOfRow(message);
    const line = message?.parentElement?.querySelector(".day-line");
    const isLineVisible =
      line != null && firstBelow([line], this.#log?.getBoundingClientRect().top ?? 0) === line;
    const isShown = seq !== null && !isLineVisible && !this.#room.atEnd.peek();
    this.viewDay.value = isShown ? this.#room.timeOf(seq) : null;
  }

  /** Reports which messages the view shows. */
  #reportShown(): void {
    const log = this.#log;
    const { reading } = this.#room;
    if (log === null || !this.#placed || reading.isAllRead()) return;
    const first = seqOfRow(this.#firstVisible(log));
    const last = this.#lastVisible(log);
    if (first !== null && last !== null && first <= last)
      reading.show(first, last, document.visibilityState === "visible");
  }

  /** Returns the seq up to which the view shows messages. */
  #lastVisible(log: HTMLElement): number | null {
    const bottom = log.getBoundingClientRect().bottom - MIN_VISIBLE;
    const blocks = childrenOf(this.#content, BLOCK);
    const rows = (firstBelow(blocks, bottom) ?? blocks.at(-1))?.querySelectorAll(ROW) ?? [];
    const cut = firstBelow(rows, bottom);
    const seq = seqOfRow(cut ?? rows[rows.length - 1]);
    const isHidden = cut !== undefined && cut.getBoundingClientRect().top >= bottom;
    return isHidden && seq !== null ? seq - 1 : seq;
  }
}

/** Returns the seq of a row, or `null` if it is not a message or a notice of the room. */
function seqOfRow(row: Element | undefined): number | null {
  const seq = row?.getAttribute("data-seq");
  return seq == null ? null : Number(seq);
}
