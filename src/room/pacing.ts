/** Pacing: when the next flush may start. */

/** A flush of fewer frames takes about a millisecond: the next one need not wait for it. */
const SMALL_FLUSH = 20;
/** Pause for each new socket, in ms: about ten times the cost of a join. */
const PAUSE_PER_SOCKET_MS = 10;
/** Longest such pause, in ms. */
const MAX_PAUSE_MS = 250;

/**
 * Pacing keeps flushes as far apart as one takes to drain. A flush that starts earlier only queues behind the
 * last one, and an overloaded room would fall further and further behind. In a small or quiet room there is no
 * delay.
 */
export class Pacing {
  #isDraining = false;
  /** Sockets opened since the last pause. */
  #opened = 0;

  /** Whether the last flush, not a small one, is still draining. No other may start before `drained`. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Records that a socket opened. */
  opened(): void {
    this.#opened += 1;
  }

  /** Records a flush of so many frames. */
  flushed(frames: number): void {
    this.#isDraining = frames >= SMALL_FLUSH;
    if (!this.#isDraining) this.#opened = 0;
  }

  /**
   * Returns the pause after the last flush, in ms, usually 0. After a burst of new sockets the room pauses, so that
   * handshakes are not queued behind fan-outs.
   */
  takePause(): number {
    const pauseMs = Math.min(PAUSE_PER_SOCKET_MS * this.#opened, MAX_PAUSE_MS);
    this.#opened = 0;
    return pauseMs;
  }

  /** Records that the last flush has drained, so that the next may start. */
  drained(): void {
    this.#isDraining = false;
  }
}
