/** Reports: how a relay informs its room of its connections. */
import { type Elsewhere, isSameElsewhere, NOTHING_HERE } from "../room/elsewhere.ts";

/** Shortest time between two reports. */
const INTERVAL_MS = 1_000;

export class Reports {
  readonly #relaySize: number;
  #last = NOTHING_HERE;
  /** Time of the last report, Unix ms. */
  #at = Number.NEGATIVE_INFINITY;

  constructor(relaySize: number) {
    this.#relaySize = relaySize;
  }

  /** Records that an attach has reported `here`. */
  attached(here: Elsewhere): void {
    this.#last = here;
  }

  /** Time when a report of `here` is due, Unix ms; `null` if nothing has changed. That the relay is full is due at once. */
  dueAt(here: Elsewhere): number | null {
    if (isSameElsewhere(here, this.#last)) return null;
    const isFull = here.connections >= this.#relaySize && this.#last.connections < this.#relaySize;
    return isFull ? 0 : this.#at + INTERVAL_MS;
  }

  /** Returns whether a report of `here` is due, and records it. `now` is Unix ms. */
  take(here: Elsewhere, now: number): boolean {
    const at = this.dueAt(here);
    if (at === null || now < at) return false;
    this.#last = here;
    this.#at = now;
    return true;
  }
}
