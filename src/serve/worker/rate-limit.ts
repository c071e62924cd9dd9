/**
 * Rate limit: the binding that Cloudflare makes from `ratelimits` in wrangler.toml. It is a module of the runtime,
 * so that the Worker and its Durable Objects have it in their environment.
 */

/** RateLimitSettings allow `limit` calls for each key in `period` seconds. */
export interface RateLimitSettings {
  /** Name of the binding. */
  readonly name: string;
  readonly limit: number;
  readonly period: number;
}

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

/** Counters by the name of their binding: each environment has an object of its own. */
const counters = new Map<string, RateCounter>();

/** Creates the binding, with the API of Cloudflare's. It counts in memory, in the only isolate. */
export default function rateLimit(settings: RateLimitSettings) {
  const counter = counters.get(settings.name) ?? new RateCounter(settings);
  counters.set(settings.name, counter);
  return {
    async limit({ key }: { key: string }): Promise<{ success: boolean }> {
      return { success: counter.count(key, Date.now()) };
    },
  };
}
