/** Pacing: when the next flush may start. */

/** A fan-out of fewer frames costs about a millisecond: too little for the next one to wait for it. */
const SMALL_FAN_OUT = 20;
/** How much of the thread's time each one who came gets before the next flush, in ms: about ten times what a join costs. */
const REST_PER_JOIN_MS = 10;
/** The longest that a flush waits for those who come, in ms. */
const MAX_REST_MS = 250;

/**
 * Pacing keeps the gap between flushes as long as a fan-out really takes; a small or quiet room has none.
 * A flush that starts before the last has left would only wait behind it, and a room that is asked too
 * much would fall further and further behind.
 */
export class Pacing {
  #isDraining = false;
  /** Sockets that opened since the room last rested. */
  #came = 0;

  /** Whether the last flush is still leaving, and was not a small one. Then no other starts before `drained`. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** A socket opened. */
  opened(): void {
    this.#came += 1;
  }

  /** A flush of so many frames was handed to the runtime. */
  flushed(frames: number): void {
    this.#isDraining = frames >= SMALL_FAN_OUT;
    if (!this.#isDraining) this.#came = 0;
  }

  /**
   * How long the room should rest, in ms, once its last flush has left. Nearly always not at all; but a crowd that
   * comes gets most of the thread, or each of them would wait for one fan-out after the other.
   */
  takeRest(): number {
    const restMs = Math.min(REST_PER_JOIN_MS * this.#came, MAX_REST_MS);
    this.#came = 0;
    return restMs;
  }

  /** The runtime has sent the last flush, and the room has rested: the next may start. */
  drained(): void {
    this.#isDraining = false;
  }
}
