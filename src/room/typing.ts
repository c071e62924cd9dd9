/** Typing: who is writing just now; never stored. */
import { type ServerLine, TYPING_TIMEOUT_MS } from "../protocol/index.ts";

/** Least time between two typing frames. */
const INTERVAL_MS = 500;
/**
 * Least time between two frames of the same list. Readers drop a list after 6 s, so whoever goes
 * on typing is told of again, as often as they say so.
 */
const REPEAT_MS = 2_000;

/** Typing is the list of those who said within the last 6 s that they type. */
export class Typing {
  /** By when each counts as having stopped, Unix ms; whoever said so last is last. */
  readonly #until = new Map<string, number>();
  #told = "";
  #toldAt = Number.NEGATIVE_INFINITY;
  /** Somebody has gone on typing since the list was told. */
  #isRenewed = false;

  start(user: string, now: number): void {
    if (this.#until.delete(user)) this.#isRenewed = true;
    this.#until.set(user, now + TYPING_TIMEOUT_MS);
  }

  stop(user: string): void {
    this.#until.delete(user);
  }

  expire(now: number): void {
    for (const [user, until] of this.#until) {
      if (until > now) return;
      this.#until.delete(user);
    }
  }

  /** When there will be something to do, Unix ms, or `null`. */
  get dueAt(): number | null {
    const [until] = this.#until.values();
    const tellAt = this.#tellAt;
    return until === undefined ? tellAt : Math.min(until, tellAt ?? until);
  }

  /** The list, if there is news of it and not too soon after it was told last. */
  tell(now: number): Extract<ServerLine, { type: "typing" }> | null {
    const tellAt = this.#tellAt;
    if (tellAt === null || now < tellAt) return null;
    this.#told = this.#list;
    this.#toldAt = now;
    this.#isRenewed = false;
    return { type: "typing", users: [...this.#until.keys()].sort() };
  }

  /** Everyone stops: for a room too full to tell who types. */
  clear(): void {
    this.#until.clear();
    this.#isRenewed = false;
  }

  /** When the list is to be told, Unix ms, or `null` where there is no news of it. */
  get #tellAt(): number | null {
    if (this.#list !== this.#told) return this.#toldAt + INTERVAL_MS;
    return this.#isRenewed ? this.#toldAt + REPEAT_MS : null;
  }

  get #list(): string {
    return [...this.#until.keys()].sort().join();
  }
}
