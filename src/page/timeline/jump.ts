/** Scrolls to a message by its seq: that of an address with `#seq`, or of a quote. */
import { wantsLessMotion } from "../effects/media.ts";
import { t } from "../i18n/index.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { seqOf } from "../state/room-names.ts";
import { closeToast, showToast, type Toast } from "../state/ui.ts";
import type { TimelineWindow } from "./window.ts";

/** Messages requested at a time while the message is not loaded. */
const PAGE = 100;
const HIGHLIGHT_MS = 2_000;

export class JumpTarget {
  readonly #room: OpenRoom;
  readonly #log: HTMLElement;
  readonly #window: TimelineWindow;
  readonly #onScrolled: () => void;
  /** The toast shown while a message is being loaded. */
  #looking: Toast | null = null;

  /** @param onScrolled - called after the view has been scrolled to a message */
  constructor(room: OpenRoom, log: HTMLElement, window: TimelineWindow, onScrolled: () => void) {
    this.#room = room;
    this.#log = log;
    this.#window = window;
    this.#onScrolled = onScrolled;
  }

  /** Follows the address and `jumpTo` of the room. Returns a function that ends this. */
  start(): () => void {
    const fromAddress = (): void => {
      const seq = seqOf(location);
      if (seq !== null) this.#room.jumpTo.value = seq;
    };
    addEventListener("hashchange", fromAddress);
    const stop = this.#room.jumpTo.subscribe((target) => {
      if (target !== null) void this.#jump(target);
    });
    // The server must have answered before a message can be found.
    const stopWaiting = this.#room.fromCache.subscribe((fromCache) => {
      if (!fromCache) queueMicrotask(fromAddress);
    });
    return () => {
      removeEventListener("hashchange", fromAddress);
      stop();
      stopWaiting();
    };
  }

  async #jump(target: number | "unread"): Promise<void> {
    this.#room.jumpTo.value = null;
    const seq = target === "unread" ? await this.#loadUnread() : target;
    if (seq === undefined) return;
    const isFound = await this.#load(seq);
    if (this.#looking !== null) closeToast(this.#looking);
    this.#looking = null;
    if (!isFound) {
      showToast(t.peek().notFound);
      return;
    }
    this.#room.isWhole.value = true;
    this.#window.hold(seq);
    // The block is drawn before the next frame.
    requestAnimationFrame(() => this.#scrollTo(seq));
  }

  /** Loads all unread messages and draws the line before the first one. Returns its seq, if there is one. */
  async #loadUnread(): Promise<number | undefined> {
    const { client, loading, reading } = this.#room;
    while (!reading.unread.peek().isComplete && client.state.timeline.more) {
      const { items } = client.state.timeline;
      await loading.while(client.loadEarlier({ limit: PAGE }));
      if (client.state.timeline.items === items) break;
    }
    reading.drawLine();
    return reading.unread.peek().first?.seq;
  }

  /** Loads earlier messages, or those of a gap, until `seq` is loaded. Returns whether the room has that message. */
  async #load(seq: number): Promise<boolean> {
    const { client } = this.#room;
    while (this.#room.message(seq) === undefined) {
      const { items, more } = client.state.timeline;
      const [first] = items;
      const gap = items.find((item) => item.type === "gap" && item.after < seq && seq < item.before);
      const isMissing = !more || first === undefined || (first.type !== "gap" && first.seq < seq);
      if (gap === undefined && isMissing) return false;
      if (items.length > PAGE) this.#looking = showToast(t.peek().lookingForMessage);
      const page = { limit: PAGE };
      const load = gap?.type === "gap" ? client.fillGap(gap, page) : client.loadEarlier(page);
      await this.#room.loading.while(load);
      if (client.state.timeline.items === items) return false;
    }
    return true;
  }

  #scrollTo(seq: number): void {
    const row = this.#log.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
    if (row === null) return;
    row.scrollIntoView({ block: "center", behavior: wantsLessMotion.peek() ? "instant" : "auto" });
    this.#onScrolled();
    row.focus({ preventScroll: true });
    row.dataset.highlight = "";
    setTimeout(() => delete row.dataset.highlight, HIGHLIGHT_MS);
  }
}
