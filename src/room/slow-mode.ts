/** SlowMode: the time of each member's last message, to limit how often a member writes. */
import type { Log } from "./log.ts";

/** Users in memory. With slow mode each of them wrote or connected at most an interval ago. */
const MAX_USERS = 20_000;
/** Messages that the first use reads from the log. */
const FIRST_LOAD = 10_000;
/** Longest time that a new user waits before the first message, ms. */
const MAX_FIRST_WAIT_MS = 60_000;

/**
 * SlowMode needs no storage of its own: after a hibernation it reads the log. An unknown user also waits before the
 * first message, so that a new identity has no advantage.
 */
export class SlowMode {
  /** Time of each user's last message, Unix ms, the oldest first. */
  readonly #wroteAt = new Map<string, number>();
  /** Time when each user without a message connected, Unix ms, the oldest first. */
  readonly #connectedAt = new Map<string, number>();
  /** Time from which the messages are known, Unix ms. */
  #knownSince = Number.POSITIVE_INFINITY;

  /**
   * Returns the time that a user must wait before the next message, ms; 0: none.
   *
   * @param intervalMs - shortest time between two messages of one user; 0: no limit
   * @param since - time when the user's connection opened, Unix ms; `null` if it is not known
   * @param now - Unix ms
   */
  waitMs(log: Log, user: string, intervalMs: number, since: number | null, now: number): number {
    if (intervalMs === 0) return 0;
    this.#load(log, now - intervalMs, now);
    const wroteAt = this.#wroteAt.get(user);
    if (wroteAt !== undefined && wroteAt + intervalMs > now) return wroteAt + intervalMs - now;
    // A user who has written before is no new identity.
    if (wroteAt !== undefined) return 0;
    const connectedAt = Math.min(since ?? now, this.#connectedAt.get(user) ?? now);
    if (!this.#connectedAt.has(user)) remember(this.#connectedAt, user, connectedAt);
    return Math.max(0, connectedAt + Math.min(intervalMs, MAX_FIRST_WAIT_MS) - now);
  }

  /** Records a message. `at` is Unix ms. */
  wrote(user: string, at: number): void {
    this.#connectedAt.delete(user);
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
