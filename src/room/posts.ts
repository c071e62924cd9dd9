/** Posts: messages sent over HTTP, without a connection. */
import { cleanName, guestName, type PostBody, reject } from "../protocol/index.ts";
import type { RoomConfig } from "./config.ts";
import { anonymousUserId, userId } from "./identity.ts";
import type { Log } from "./log.ts";
import { RateLimiter } from "./rate-limit.ts";
import type { Sequencer, Submission } from "./sequencer.ts";

/** Limiters in memory. Beyond this number the oldest is forgotten. */
const MAX_LIMITERS = 1_000;
/** Users assumed behind one address: a school or an office shares one. */
const USERS_PER_ADDRESS = 10;

/** Posts submits posted messages, limited for each user and for each address: a new key costs nothing. */
export class Posts {
  readonly #log: Log;
  readonly #sequencer: Sequencer;
  readonly #limiter: PostLimiter;

  constructor(log: Log, sequencer: Sequencer, config: RoomConfig) {
    this.#log = log;
    this.#sequencer = sequencer;
    this.#limiter = new PostLimiter(config);
  }

  /** Submits a posted message. `now` is Unix ms. */
  submit(post: PostBody, address: string, onResult: Submission["onResult"], now: number): void {
    const user = post.key === undefined ? null : userId(this.#log.secrets.secret, post.key);
    const waitMs = this.#limiter.take(address, user, now);
    if (waitMs > 0) {
      onResult(reject("rate_limited", `too fast: try again in ${waitMs} ms`, waitMs));
      return;
    }
    const author = user ?? anonymousUserId();
    const name = cleanName(post.name ?? "") || guestName(author);
    const body = { type: "message", text: post.text } as const;
    this.#sequencer.submit({
      author: () => ({ user: author, name }),
      body,
      id: post.id,
      isPlain: false,
      onResult,
    });
  }
}

/** PostLimiter limits the rate of posts. A user without a key is limited by the address. */
export class PostLimiter {
  readonly #config: RoomConfig;
  readonly #limiters = new Map<string, RateLimiter>();

  constructor(config: RoomConfig) {
    this.#config = config;
  }

  /**
   * Takes a token for a message.
   *
   * @param user - user id, or `null` without a key
   * @param now - Unix ms
   * @returns 0, or the milliseconds until a token is available
   */
  take(address: string, user: string | null, now: number): number {
    if (user === null) return this.#limiterOf(`guest ${address}`, 1).take(now);
    return (
      this.#limiterOf(`address ${address}`, USERS_PER_ADDRESS).take(now) ||
      this.#limiterOf(`user ${user}`, 1).take(now)
    );
  }

  #limiterOf(name: string, users: number): RateLimiter {
    const known = this.#limiters.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.#limiters.keys();
    if (this.#limiters.size >= MAX_LIMITERS && oldest !== undefined) this.#limiters.delete(oldest);
    const { messageRate, messageBurst } = this.#config;
    const limiter = new RateLimiter(messageRate * users, messageBurst * users);
    this.#limiters.set(name, limiter);
    return limiter;
  }
}
