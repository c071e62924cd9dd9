/** Rate limiting: how fast one connection may send. */

/**
 * RateLimiter is a token bucket kept as one number, the generic cell rate algorithm of ATM: the
 * time at which the bucket will be full again. It starts full.
 */
export class RateLimiter {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  #fullAt = Number.NEGATIVE_INFINITY;

  /**
   * @param rate - tokens that come back in a second; 0: no limit
   * @param burst - tokens that a full bucket holds, 1 or more
   */
  constructor(rate: number, burst: number) {
    this.#intervalMs = rate > 0 ? 1000 / rate : 0;
    this.#toleranceMs = this.#intervalMs * (burst - 1);
  }

  /**
   * Takes one token.
   *
   * @param now - Unix ms
   * @returns 0, or the ms after which a token will be there; then nothing was taken
   */
  take(now: number): number {
    const fullAt = Math.max(this.#fullAt, now);
    const waitMs = Math.ceil(fullAt - this.#toleranceMs - now);
    // A clock set back would otherwise make the wait as long as the step.
    if (waitMs > this.#toleranceMs + this.#intervalMs + 1) {
      this.#fullAt = now + this.#intervalMs;
      return 0;
    }
    if (waitMs > 0) return waitMs;
    this.#fullAt = fullAt + this.#intervalMs;
    return 0;
  }
}
