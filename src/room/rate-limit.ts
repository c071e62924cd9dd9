/** Rate limits: token buckets. */

/**
 * RateLimiter is a token bucket stored as one number: the time at which the bucket will be full again (the
 * generic cell rate algorithm). It starts full.
 */
export class RateLimiter {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  #fullAt = Number.NEGATIVE_INFINITY;
  /** Time of the last call, Unix ms. */
  #at = Number.NEGATIVE_INFINITY;

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
    const waitMs = this.waitMs(now);
    if (waitMs === 0) this.charge(1, now);
    return waitMs;
  }

  /** Returns the milliseconds until a token is available; 0: it is available now. */
  waitMs(now: number): number {
    return Math.max(0, Math.ceil(this.#fullFrom(now) - this.#toleranceMs - now));
  }

  /** Takes tokens even if they are not available yet, for work that turned out to cost more than one. */
  charge(tokens: number, now: number): void {
    this.#fullAt = this.#fullFrom(now) + tokens * this.#intervalMs;
  }

  #fullFrom(now: number): number {
    // If the clock was set back, move the time back with it.
    if (now < this.#at) this.#fullAt -= this.#at - now;
    this.#at = now;
    return Math.max(this.#fullAt, now);
  }
}

/** Limiters are rate limiters by name, at most 1,000. Beyond that the oldest is deleted. */
export class Limiters {
  static readonly #MOST = 1_000;
  readonly #create: () => RateLimiter;
  readonly #limiters = new Map<string, RateLimiter>();

  constructor(create: () => RateLimiter) {
    this.#create = create;
  }

  of(name: string): RateLimiter {
    const known = this.#limiters.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.#limiters.keys();
    if (this.#limiters.size >= Limiters.#MOST && oldest !== undefined) this.#limiters.delete(oldest);
    const limiter = this.#create();
    this.#limiters.set(name, limiter);
    return limiter;
  }
}
