/**
 * Scroller keeps what the reader looks at in its place: at the end if it was there, else the same message at
 * the same height, whatever comes above or below. The browser's own anchoring is switched off for it, since
 * not every browser has one and none knows when older messages come in.
 */

import { wantsLessMotion } from "../effects/media.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { childrenOf, firstBelow, offsetIn } from "./elements.ts";
import type { TimelineWindow } from "./window.ts";

/** Closer to the end than this many pixels is at the end. */
const END_SLACK = 24;
/** Earlier messages are asked for when the top is nearer than this many screens. */
const EARLY_SCREENS = 2;
/** Messages asked for at a time. */
const PAGE = 100;

interface Anchor {
  readonly element: Element;
  /** Pixels from the top of the content to the top of the element, when it was seen. */
  readonly offset: number;
}

export class Scroller {
  readonly #session: OpenRoom;
  readonly #near: TimelineWindow;
  #log: HTMLElement | null = null;
  #content: HTMLElement | null = null;
  #anchor: Anchor | null = null;
  /** How the view stood when it was last looked at. */
  #last = { top: 0, height: 0, client: 0 };
  #placed = false;
  #loading = false;

  constructor(session: OpenRoom, near: TimelineWindow) {
    this.#session = session;
    this.#near = near;
  }

  /** Watches the scrolling view `log` and its `content`; returns what ends that. */
  start(log: HTMLElement, content: HTMLElement): () => void {
    this.#log = log;
    this.#content = content;
    const resized = new ResizeObserver(() => {
      const { height, client } = this.#last;
      // After a drawing, all is in its place already.
      if (log.scrollHeight !== height || log.clientHeight !== client) this.settle();
    });
    resized.observe(log);
    resized.observe(content);
    const scrolled = (): void => {
      // Told late of an earlier scrolling, after the view has changed its size: nobody has scrolled away.
      const { top, height, client } = this.#last;
      const resized = log.scrollHeight !== height || log.clientHeight !== client;
      if (resized && log.scrollTop === top) this.settle();
      this.#scrolled();
    };
    const seen = (): void => {
      if (document.visibilityState === "visible" && this.#session.atEnd.peek()) this.#session.read();
    };
    log.addEventListener("scroll", scrolled, { passive: true });
    document.addEventListener("visibilitychange", seen);
    const stop = this.#session.endRequests.subscribe((count) => {
      if (count === 0) return;
      log.scrollTop = log.scrollHeight;
      // The rows to come are drawn below, and the view follows them.
      this.#session.atEnd.value = true;
      this.#note(log);
    });
    return () => {
      this.#log = null;
      stop();
      resized.disconnect();
      log.removeEventListener("scroll", scrolled);
      document.removeEventListener("visibilitychange", seen);
    };
  }

  /** Puts the view back in place after anything in it changed its size. */
  settle(): void {
    const log = this.#log;
    if (log === null) return;
    this.#near.measure();
    if (!this.#placed) this.#place(log);
    else if (this.#wasAtEnd(log)) log.scrollTop = log.scrollHeight;
    else this.#restore(log);
    this.#note(log);
    if (this.#placed) this.#near.look();
  }

  /** Whether the reader was at the end before the content changed; a scroll event may still be on its way. */
  #wasAtEnd(log: HTMLElement): boolean {
    const { top, height, client } = this.#last;
    if (log.scrollTop === top) return this.#session.atEnd.peek();
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight <= END_SLACK;
    return isAtEnd || height - log.scrollTop - client <= END_SLACK;
  }

  #note(log: HTMLElement): void {
    this.#last = { top: log.scrollTop, height: log.scrollHeight, client: log.clientHeight };
    this.#anchor = this.#firstVisible(log);
  }

  /**
   * The page itself has led the reader elsewhere: from now on that is the place to keep. The event that tells of it
   * comes a frame later, and the messages that came into view may have got their real sizes by then.
   */
  moved(): void {
    this.#placed = true;
    this.#near.moved();
    this.#scrolled();
  }

  /** Goes to the latest message. */
  toEnd(): void {
    const log = this.#log;
    if (log === null) return;
    const near = log.scrollHeight - log.scrollTop < log.clientHeight * 4;
    this.#session.unreadAfter.value = null;
    log.scrollTo({ top: log.scrollHeight, behavior: near && !wantsLessMotion.peek() ? "smooth" : "instant" });
    log.focus({ preventScroll: true });
  }

  /** Loads earlier messages while the top is near. */
  wantEarlier(): void {
    const log = this.#log;
    if (log === null || this.#loading || log.scrollTop > log.clientHeight * EARLY_SCREENS) return;
    const { timeline, connection } = this.#session.state.peek();
    if (!timeline.more || connection !== "online" || !this.#session.isWhole.peek()) return;
    this.#loading = true;
    void this.#session.loading.while(this.#session.client.loadEarlier(PAGE)).finally(() => {
      this.#loading = false;
      // What came may not have filled the view.
      requestAnimationFrame(() => this.wantEarlier());
    });
  }

  /** The first time: at the line of new messages, else at the end. */
  #place(log: HTMLElement): void {
    const { fromCache, unreadAfter, blocks } = this.#session;
    if (blocks.peek().length === 0) return;
    const line = log.querySelector(".unread-line");
    if (unreadAfter.peek() !== null && line !== null) {
      log.scrollTop +=
        line.getBoundingClientRect().top - log.getBoundingClientRect().top - log.clientHeight / 4;
    } else log.scrollTop = log.scrollHeight;
    // What is kept from an earlier visit is shown at its end until the room itself has come.
    this.#placed = !fromCache.peek();
    this.#scrolled();
  }

  #scrolled(): void {
    const log = this.#log;
    if (log === null) return;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight <= END_SLACK;
    if (atEnd !== this.#session.atEnd.peek()) this.#session.atEnd.value = atEnd;
    if (atEnd && document.visibilityState === "visible") this.#session.read();
    this.#note(log);
    if (this.#placed) this.#near.follow();
    this.wantEarlier();
  }

  #restore(log: HTMLElement): void {
    if (!this.#anchor?.element.isConnected) return;
    const { element, offset } = this.#anchor;
    const moved = offsetIn(log, element) - offset;
    if (Math.abs(moved) >= 1) log.scrollTop += moved;
  }

  /** The first message that reaches below the top of the view, found by halves: its block, itself, its text. */
  #firstVisible(log: HTMLElement): Anchor | null {
    const { top } = log.getBoundingClientRect();
    const block = firstBelow(childrenOf(this.#content, "[data-block], .pending-list"), top);
    if (block === undefined) return null;
    // Messages stay; a day's line may go when older messages come in above it.
    const rows = block.querySelectorAll("[data-row]");
    const cut = firstBelow(rows, top);
    // Its head may go then, too, and what is above its text with it.
    const element = cut?.querySelector(".message-text") ?? cut ?? block;
    return { element, offset: offsetIn(log, element) };
  }
}
