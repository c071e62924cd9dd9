/** Slow mode: the time of each member's last message, so that nobody writes too often. */
import type { Log } from "./log.ts";

/** Users remembered. With slow mode each of them wrote or came at most an interval ago. */
const MAX_USERS = 20_000;
/** Messages that the first use reads from the log. */
const FIRST_LOAD = 10_000;
/** Longest time that a user who has just come waits before the first message, ms. */
const MAX_FIRST_WAIT_MS = 60_000;

/**
 * SlowMode needs no storage of its own: after a hibernation it reads the log. A user whom it does not know waits
 * as well before the first message, so that a new identity gains nothing.
 */
export class SlowMode {
  /** Time of each user's last message, Unix ms, the oldest first. */
  readonly #wroteAt = new Map<string, number>();
  /** Time when each user came who has not written since, Unix ms, the oldest first. */
  readonly #cameAt = new Map<string, number>();
  /** Time from which the messages are known, Unix ms. */
  #knownSince = Number.POSITIVE_INFINITY;

  /**
   * Returns the time that a user must wait before the next message, ms; 0: none.
   *
   * @param intervalMs - shortest time between two messages of one user; 0: no limit
   * @param since - time when the user came to the room, Unix ms; `null` if it is not known
   * @param now - Unix ms
   */
  waitMs(log: Log, user: string, intervalMs: number, since: number | null, now: number): number {
    if (intervalMs === 0) return 0;
    this.#load(log, now - intervalMs, now);
    const wroteAt = this.#wroteAt.get(user);
    if (wroteAt !== undefined && wroteAt + intervalMs > now) return wroteAt + intervalMs - now;
    // Somebody who has written before is no new identity.
    if (wroteAt !== undefined) return 0;
    const cameAt = Math.min(since ?? now, this.#cameAt.get(user) ?? now);
    if (!this.#cameAt.has(user)) remember(this.#cameAt, user, cameAt);
    return Math.max(0, cameAt + Math.min(intervalMs, MAX_FIRST_WAIT_MS) - now);
  }

  /** Records a message. `at` is Unix ms. */
  wrote(user: string, at: number): void {
    this.#cameAt.delete(user);
    remember(this.#wroteAt, user, at);
  }

  #load(log: Log, since: number, now: number): void {
    if (since >= this.#knownSince) return;
    this.#knownSince = since;
    const newest = new Map<string, number>();
    for (const { type, user, at } of log.newestSince(since, FIRST_LOAD)) {
      if (type === "message" && at <= now && !newest.has(user)) newest.set(user, at);
    }
    for (const [user, at] of [...newest].reverse()) {
      if (at > (this.#wroteAt.get(user) ?? Number.NEGATIVE_INFINITY)) remember(this.#wroteAt, user, at);
    }
  }
}

function remember(times: Map<string, number>, user: string, at: number): void {
  times.delete(user);
  times.set(user, at);
  const [oldest] = times.keys();
  if (times.size > MAX_USERS && oldest !== undefined) times.delete(oldest);
}
