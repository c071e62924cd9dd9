/** Typing: who is writing just now; never stored. */
import { type ServerLine, TYPING_TIMEOUT_MS } from "../protocol/index.ts";

/** Least time between two typing frames. */
const INTERVAL_MS = 500;

/** Typing is the list of those who said within the last 6 s that they type. */
export class Typing {
  /** By when each counts as having stopped, Unix ms; whoever said so last is last. */
  readonly #until = new Map<string, number>();
  #told = "";
  #toldAt = Number.NEGATIVE_INFINITY;

  start(user: string, now: number): void {
    this.#until.delete(user);
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
    const tellAt = this.#list === this.#told ? null : this.#toldAt + INTERVAL_MS;
    return until === undefined ? tellAt : Math.min(until, tellAt ?? until);
  }

  /** The list, if it is another than the one told last and not too soon after it. */
  tell(now: number): Extract<ServerLine, { type: "typing" }> | null {
    const list = this.#list;
    if (list === this.#told || now < this.#toldAt + INTERVAL_MS) return null;
    this.#told = list;
    this.#toldAt = now;
    return { type: "typing", users: [...this.#until.keys()].sort() };
  }

  /** Everyone stops: for a room too full to tell who types. */
  clear(): void {
    this.#until.clear();
  }

  get #list(): string {
    return [...this.#until.keys()].sort().join();
  }
}
