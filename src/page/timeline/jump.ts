/** Goes to a message by its seq: that of a link's `#seq`, or the source of a quote. */

import { wantsLessMotion } from "../effects/media.ts";
import { t } from "../i18n/index.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { seqOf } from "../state/room-names.ts";
import { showToast } from "../state/ui.ts";
import type { TimelineWindow } from "./window.ts";

/** Messages asked for at a time while looking for one that is not loaded. */
const PAGE = 100;
const HIGHLIGHT_MS = 2_000;

export class JumpTarget {
  readonly #session: OpenRoom;
  readonly #log: HTMLElement;
  readonly #near: TimelineWindow;
  readonly #moved: () => void;

  /** @param moved - is called once the view has been scrolled */
  constructor(session: OpenRoom, log: HTMLElement, near: TimelineWindow, moved: () => void) {
    this.#session = session;
    this.#log = log;
    this.#near = near;
    this.#moved = moved;
  }

  /** Follows the address and the session's requests until the returned function is called. */
  start(): () => void {
    const fromAddress = (): void => {
      const seq = seqOf(location);
      if (seq !== null) this.#session.jumpTo.value = seq;
    };
    addEventListener("hashchange", fromAddress);
    const stop = this.#session.jumpTo.subscribe((seq) => {
      if (seq !== null) void this.#go(seq);
    });
    // The room's messages must be there before one of them can be found.
    const wait = this.#session.fromCache.subscribe((fromCache) => {
      if (!fromCache) queueMicrotask(fromAddress);
    });
    return () => {
      removeEventListener("hashchange", fromAddress);
      stop();
      wait();
    };
  }

  async #go(seq: number): Promise<void> {
    this.#session.jumpTo.value = null;
    if (!(await this.#load(seq))) {
      showToast(t.peek().notFound);
      return;
    }
    this.#session.isWhole.value = true;
    this.#near.want(seq);
    // The view draws what is wanted before the next frame.
    requestAnimationFrame(() => this.#show(seq));
  }

  /** Loads earlier messages until `seq` is among them. */
  async #load(seq: number): Promise<boolean> {
    const { client } = this.#session;
    while (this.#session.message(seq) === undefined) {
      const { items, more } = client.state.timeline;
      const [first] = items;
      if (!more || first === undefined || (first.type === "message" && first.seq < seq)) return false;
      if (items.length > PAGE) showToast(t.peek().lookingForMessage);
      await this.#session.loading.while(client.loadEarlier(PAGE));
      if (client.state.timeline.items === items) return false;
    }
    return true;
  }

  #show(seq: number): void {
    const row = this.#log.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
    if (row === null) return;
    row.scrollIntoView({ block: "center", behavior: wantsLessMotion.peek() ? "instant" : "auto" });
    this.#moved();
    row.focus({ preventScroll: true });
    row.dataset.highlight = "";
    setTimeout(() => delete row.dataset.highlight, HIGHLIGHT_MS);
  }
}
