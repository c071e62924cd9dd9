/** RecentCommands: the ids of recent commands by user, so that a command sent twice makes one event. */
import { type EventBody, IDEMPOTENCY_MS, originalBody } from "../protocol/index.ts";
import type { Log } from "./log.ts";

/** Entries of one generation. Two generations take about 20 MB at most. */
const MAX_GENERATION = 50_000;

interface Entry {
  readonly seq: number;
  /** Hash of the event's body; `null` if the body is no longer known. */
  readonly hash: number | null;
}

/**
 * RecentCommands keeps each command for 5 to 10 minutes, in two generations, so that forgetting is one
 * assignment. After 50,000 commands in 5 minutes it forgets sooner, which bounds its memory.
 */
export class RecentCommands {
  #current = new Map<string, Entry>();
  #previous = new Map<string, Entry>();
  #startedAt = Number.NEGATIVE_INFINITY;

  /** Loads the commands of the last 5 minutes from the log, at most one generation. `now` is Unix ms. */
  load(log: Log, now: number): void {
    for (const event of log.newestSince(now - IDEMPOTENCY_MS, MAX_GENERATION)) {
      if (event.id === undefined) continue;
      const body = originalBody(event);
      this.#current.set(keyOf(event.user, event.id), { seq: event.seq, hash: body && hashOf(body) });
    }
    this.#startedAt = now;
  }

  /** Returns the seq of the event that `user` made with `id`, or `"conflict"` if its body was another. */
  find(user: string, id: string, body: EventBody): number | "conflict" | null {
    const key = keyOf(user, id);
    const entry = this.#current.get(key) ?? this.#previous.get(key);
    if (entry === undefined) return null;
    return entry.hash === null || entry.hash === hashOf(body) ? entry.seq : "conflict";
  }

  add(user: string, id: string, body: EventBody, seq: number, now: number): void {
    if (now - this.#startedAt >= IDEMPOTENCY_MS || this.#current.size >= MAX_GENERATION) {
      this.#previous = this.#current;
      this.#current = new Map();
      this.#startedAt = now;
    }
    this.#current.set(keyOf(user, id), { seq, hash: hashOf(body) });
  }

  /** Forgets a command whose transaction failed. */
  forget(user: string, id: string): void {
    this.#current.delete(keyOf(user, id));
    // The generation may have changed in the middle of the failed transaction.
    this.#previous.delete(keyOf(user, id));
  }
}

/** A user id has no colon, so the keys of two pairs differ. */
function keyOf(user: string, id: string): string {
  return `${user}:${id}`;
}

/** FNV-1a of 32 bits. A collision only accepts a changed command as a repeated one. */
function hashOf(body: EventBody): number {
  // A command and its event declare their fields in the same order.
  const text = JSON.stringify(body);
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
