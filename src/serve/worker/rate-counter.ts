/** Rate counter: what the binding that Cloudflare makes from `ratelimits` in wrangler.toml counts. */
import type { RateLimitSettings } from "./settings.ts";

/** RateCounter counts calls for each key in windows of a fixed length, as Cloudflare and `wrangler dev` do. */
export class RateCounter {
  readonly #limit: number;
  readonly #periodMs: number;
  readonly #counts = new Map<string, number>();
  #window = 0;

  constructor({ limit, period }: RateLimitSettings) {
    this.#limit = limit;
    this.#periodMs = period * 1_000;
  }

  /** Counts a call at `now`, in ms. Gives false, and does not count it, if the limit is reached. */
  count(key: string, now: number): boolean {
    const window = Math.floor(now / this.#periodMs);
    if (window !== this.#window) this.#counts.clear();
    this.#window = window;
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#limit) return false;
    this.#counts.set(key, count + 1);
    return true;
  }
}
