/**
 * RateLimiter is a token bucket stored as one number: the time at which the bucket will be full again (the
 * generic cell rate algorithm). It starts full.
 */
export class RateLimiter {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  #fullAt = Number.NEGATIVE_INFINITY;

  /**
   * @param rate - tokens added each second; 0: no limit
   * @param burst - tokens in a full bucket, 1 or more
   */
  constructor(rate: number, burst: number) {
    this.#intervalMs = rate > 0 ? 1000 / rate : 0;
    this.#toleranceMs = this.#intervalMs * (burst - 1);
  }

  /**
   * Takes one token.
   *
   * @param now - Unix ms
   * @returns 0, or the milliseconds until a token is available; then none was taken
   */
  take(now: number): number {
    const fullAt = Math.max(this.#fullAt, now);
    const waitMs = Math.ceil(fullAt - this.#toleranceMs - now);
    // After the clock was set back, the wait would be as long as the step.
    if (waitMs > this.#toleranceMs + this.#intervalMs + 1) {
      this.#fullAt = now + this.#intervalMs;
      return 0;
    }
    if (waitMs > 0) return waitMs;
    this.#fullAt = fullAt + this.#intervalMs;
    return 0;
  }
}
