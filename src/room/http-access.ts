/** HTTP access: messages posted and pages read over HTTP, without a connection, and their limits. */
import {
  cleanName,
  type ErrorCode,
  guestName,
  MAX_PAGE_LENGTH,
  type Message,
  type PostBody,
  type Result,
  type RoomEvent,
  reject,
  withoutId,
} from "../protocol/index.ts";
import type { RoomConfig } from "./config.ts";
import { anonymousUserId, userId } from "./identity.ts";
import type { Log, Page } from "./log.ts";
import { RateLimiter } from "./rate-limit.ts";
import type { Sequencer, Submission } from "./sequencer.ts";

/** LogPage is a page of the log with the log's epoch and head. */
export interface LogPage {
  /** `""` if the room has no log and no client has joined. */
  readonly epoch: string;
  readonly seq: number;
  readonly events: readonly (RoomEvent & { readonly reactionCounts?: Readonly<Record<string, number>> })[];
  readonly more: boolean;
}

/** ReadResult is a page, or why it cannot be read: two codes exist for reads only. */
export type ReadResult =
  | { readonly ok: true; readonly value: LogPage }
  | {
      readonly ok: false;
      readonly error: {
        readonly code: ErrorCode | "epoch" | "pruned";
        readonly message: string;
        readonly retryAfter?: number;
      };
    };

/** Users assumed behind one network: a school or an office shares one. */
const USERS_PER_NETWORK = 10;
/** Pages that one network may read at once, and each second. */
const READ_BURST = 20;
const READ_RATE = 10;
/** Users listed for one emoji. A message can have 1,000 reactions, and a page 100 messages. */
const MAX_USERS_LISTED = 20;

export class HttpAccess {
  readonly #log: Log;
  readonly #sequencer: Sequencer;
  readonly #posts: PostLimiter;
  readonly #reads = new Limiters(() => new RateLimiter(READ_RATE, READ_BURST));

  constructor(log: Log, sequencer: Sequencer, config: RoomConfig) {
    this.#log = log;
    this.#sequencer = sequencer;
    this.#posts = new PostLimiter(config);
  }

  /** Submits a posted message. `now` is Unix ms. */
  post(post: PostBody, network: string, onResult: Submission["onResult"], now: number): void {
    const user = post.key === undefined ? null : userId(this.#log.secrets.secret, post.key);
    const waitMs = this.#posts.take(network, user, now);
    if (waitMs > 0) {
      onResult(tooFast(waitMs));
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

  /** Returns the newest `limit` messages before `seq`, or fewer if they are long. `now` is Unix ms. */
  messagesBefore(seq: number, limit: number, network: string, now: number): ReadResult {
    return this.#read(network, now) ?? this.#page(this.#log.before(seq, limit, MAX_PAGE_LENGTH));
  }

  /** Returns the first `limit` events after `seq`, or fewer if they are long. `now` is Unix ms. */
  eventsAfter(
    seq: number,
    epoch: string | undefined,
    limit: number,
    network: string,
    now: number,
  ): ReadResult {
    const limited = this.#read(network, now);
    if (limited !== null) return limited;
    if (epoch !== undefined && epoch !== this.#log.epoch) {
      return { ok: false, error: { code: "epoch", message: "the room's log has another epoch" } };
    }
    if (seq < this.#log.pruned) {
      return { ok: false, error: { code: "pruned", message: "some of the events after this seq are gone" } };
    }
    return this.#page(this.#log.after(seq, limit, MAX_PAGE_LENGTH));
  }

  /** Takes a token for a read, or returns the error. An unknown network, `""`, has no limit. */
  #read(network: string, now: number): Result<never> | null {
    if (network === "") return null;
    const waitMs = this.#reads.of(network).take(now);
    return waitMs > 0 ? tooFast(waitMs) : null;
  }

  #page({ events, more }: Page): ReadResult {
    const shown = events.map((event) => withReactionCounts(withoutId(event)));
    return { ok: true, value: { epoch: this.#log.epoch, seq: this.#log.head, events: shown, more } };
  }
}

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
    // One user must not use up what the others of the network may send.
    if (waitMs === 0) for (const limiter of limiters) limiter.charge(1, now);
    return waitMs;
  }
}

/** Limiters are rate limiters by name. Beyond a number the oldest is forgotten, which bounds their memory. */
class Limiters {
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

/** Shortens long lists of reactions and adds the number of all users for each emoji that was shortened. */
function withReactionCounts<E extends RoomEvent>(event: E): LogPage["events"][number] {
  if (event.type !== "message") return event;
  const { reactions = {} }: Message = event;
  const long = Object.entries(reactions).filter(([, users]) => users.length > MAX_USERS_LISTED);
  if (long.length === 0) return event;
  const listed = long.map(([emoji, users]) => [emoji, users.slice(0, MAX_USERS_LISTED)] as const);
  const counts = long.map(([emoji, users]) => [emoji, users.length] as const);
  return {
    ...event,
    reactions: { ...reactions, ...Object.fromEntries(listed) },
    reactionCounts: Object.fromEntries(counts),
  };
}

function tooFast(waitMs: number): Result<never> {
  return reject("rate_limited", `too fast, try again in ${waitMs} ms`, waitMs);
}
