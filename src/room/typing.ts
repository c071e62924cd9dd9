/** Typing: the users who are typing. It is never stored. */
import { TYPING_TIMEOUT_MS, type TypingLine } from "../protocol/index.ts";

/** Shortest time between two typing lines. */
const INTERVAL_MS = 500;
/** Shortest time between two lines with the same users. Clients drop a list after 6 s, so it is repeated. */
const REPEAT_MS = 2_000;

export class Typing {
  /** Users who are typing in other objects. */
  #elsewhere: readonly string[] = [];
  /** End of each user's typing, Unix ms; the user who was renewed last is last. */
  readonly #until = new Map<string, number>();
  #sent = "";
  #sentAt = Number.NEGATIVE_INFINITY;
  /** A user continued to type after the last line. */
  #isRenewed = false;

  start(user: string, now: number): void {
    if (this.#until.delete(user)) this.#isRenewed = true;
    this.#until.set(user, now + TYPING_TIMEOUT_MS);
  }

  stop(user: string): void {
    this.#until.delete(user);
  }

  /** Users who are typing here, sorted. */
  get here(): string[] {
    return [...this.#until.keys()].sort();
  }

  /** Sets the users who are typing in other objects. */
  set elsewhere(users: readonly string[]) {
    this.#elsewhere = users;
  }

  /** Removes all users: in a large room typing is not sent. */
  clear(): void {
    this.#elsewhere = [];
    this.#until.clear();
    this.#isRenewed = false;
  }

  expire(now: number): void {
    for (const [user, until] of this.#until) {
      if (until > now) return;
      this.#until.delete(user);
    }
  }

  /** Time of the next change or line, Unix ms, or `null`. */
  get dueAt(): number | null {
    const [until] = this.#until.values();
    const sendAt = this.#nextLineAt;
    return until === undefined ? sendAt : Math.min(until, sendAt ?? until);
  }

  /** Returns the line with all users who are typing, or `null` if nothing changed or it is too early. */
  takeLine(now: number): TypingLine | null {
    const sendAt = this.#nextLineAt;
    if (sendAt === null || now < sendAt) return null;
    const users = this.#users;
    this.#sent = users.join();
    this.#sentAt = now;
    this.#isRenewed = false;
    return { type: "typing", users };
  }

  /** Time of the next line, Unix ms, or `null` if there is nothing new. */
  get #nextLineAt(): number | null {
    if (this.#users.join() !== this.#sent) return this.#sentAt + INTERVAL_MS;
    return this.#isRenewed || this.#elsewhere.length > 0 ? this.#sentAt + REPEAT_MS : null;
  }

  get #users(): string[] {
    if (this.#elsewhere.length === 0) return this.here;
    return [...new Set([...this.#until.keys(), ...this.#elsewhere])].sort();
  }
}
