/** Pacing: when the next flush may start. */

/** A fan-out of fewer frames costs about a millisecond: too little for the next one to wait for it. */
const SMALL_FAN_OUT = 20;
/** The longest that a flush waits for those who come, in ms. */
const MAX_REST_MS = 250;

/**
 * Pacing keeps the gap between flushes as long as a fan-out really takes; a small or quiet room has none.
 * A flush that starts before the last has left would only wait behind it, and a room that is asked too
 * much would fall further and further behind.
 */
export class Pacing {
  #isDraining = false;
  #someoneCame = false;

  /** Whether the last flush is still leaving, and was not a small one. Then no other starts before `drained`. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** A socket opened. */
  opened(): void {
    this.#someoneCame = true;
  }

  /** A flush of so many frames was handed to the runtime. */
  flushed(frames: number): void {
    this.#isDraining = frames >= SMALL_FAN_OUT;
    this.#someoneCame = false;
  }

  /**
   * How long the room should rest, in ms, once its last flush has left, which took `tookMs`. Nearly always not
   * at all; but while people come, they get as much of the thread as the flushes do, or a crowd would wait long.
   */
  restAfter(tookMs: number): number {
    return this.#someoneCame ? Math.max(0, Math.min(tookMs, MAX_REST_MS)) : 0;
  }

  /** The runtime has sent the last flush, and the room has rested: the next may start. */
  drained(): void {
    this.#isDraining = false;
  }
}
