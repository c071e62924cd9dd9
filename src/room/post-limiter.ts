/** PostLimiter: the rate limits of messages that are posted over HTTP. */
import type { RoomConfig } from "./config.ts";
import { Limiters, RateLimiter } from "./rate-limit.ts";

/** Users assumed behind one network: a school or an office shares one. */
const USERS_PER_NETWORK = 10;

/** PostLimiter limits posts for each user and each network: a new key costs nothing. */
export class PostLimiter {
  readonly #guests: Limiters;
  readonly #users: Limiters;
  readonly #networks: Limiters;

  constructor({ messageRate, messageBurst }: RoomConfig) {
    const limiters = (users: number) =>
      new Limiters(() => new RateLimiter(messageRate * users, messageBurst * users));
    this.#guests = limiters(1);
    this.#users = limiters(1);
    this.#networks = limiters(USERS_PER_NETWORK);
  }

  /**
   * Takes a token for a message.
   *
   * @param network - as in `networkOf`; an unknown one, `""`, has no limit of its own
   * @param user - user id, or `null` without a key: the network is then the user
   * @param now - Unix ms
   * @returns 0, or the milliseconds until a token is available
   */
  take(network: string, user: string | null, now: number): number {
    const limiters: RateLimiter[] = [];
    if (network !== "") limiters.push((user === null ? this.#guests : this.#networks).of(network));
    if (user !== null) limiters.push(this.#users.of(user));
    const waitMs = Math.max(0, ...limiters.map((limiter) => limiter.waitMs(now)));
    // If one limit is reached, the other is not charged: one user must not use up the limit of the network.
    if (waitMs === 0) for (const limiter of limiters) limiter.charge(1, now);
    return waitMs;
  }
}
