/** Posters: how fast those may send who hold no socket. */
import type { RoomConfig } from "./config.ts";
import { RateLimiter } from "./rate-limit.ts";

/** Buckets beyond which the full ones are forgotten. */
const MAX_BUCKETS = 1_000;

/** Posters keeps a bucket for each person, or address, that posts over HTTP. */
export class Posters {
  readonly #config: RoomConfig;
  readonly #buckets = new Map<string, RateLimiter>();

  constructor(config: RoomConfig) {
    this.#config = config;
  }

  /** Takes one token of `poster`'s bucket: 0, or the ms after which there will be one. `now` is Unix ms. */
  take(poster: string, now: number): number {
    const known = this.#buckets.get(poster);
    if (known !== undefined) return known.take(now);
    if (this.#buckets.size >= MAX_BUCKETS) {
      for (const [other, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(other);
    }
    const bucket = new RateLimiter(this.#config.messageRate, this.#config.messageBurst);
    this.#buckets.set(poster, bucket);
    return bucket.take(now);
  }
}
