/** Posters: how fast those may send who hold no socket. */
import type { RoomConfig } from "./config.ts";
import { RateLimiter } from "./rate-limit.ts";

/** Buckets in memory at the most; beyond that the one that was made first is forgotten. */
const MAX_BUCKETS = 1_000;
/** People behind one address, as it is limited: a school or an office shares one. */
const PEOPLE_AN_ADDRESS = 10;

/**
 * Posters keeps a bucket for each person and for each address that posts over HTTP. Keys are made
 * for nothing, so a person is limited by their address too; who has no key is their address.
 */
export class Posters {
  readonly #config: RoomConfig;
  readonly #buckets = new Map<string, RateLimiter>();

  constructor(config: RoomConfig) {
    this.#config = config;
  }

  /**
   * Takes a token for a message of `user`, `null` without a key, that came from `address`.
   *
   * @param now - Unix ms
   * @returns 0, or the ms after which there will be one
   */
  take(address: string, user: string | null, now: number): number {
    if (user === null) return this.#bucket(`guest ${address}`, 1).take(now);
    return (
      this.#bucket(`address ${address}`, PEOPLE_AN_ADDRESS).take(now) ||
      this.#bucket(`user ${user}`, 1).take(now)
    );
  }

  #bucket(name: string, people: number): RateLimiter {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const [first] = this.#buckets.keys();
    if (this.#buckets.size >= MAX_BUCKETS && first !== undefined) this.#buckets.delete(first);
    const { messageRate, messageBurst } = this.#config;
    const bucket = new RateLimiter(messageRate * people, messageBurst * people);
    this.#buckets.set(name, bucket);
    return bucket;
  }
}
