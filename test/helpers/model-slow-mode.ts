/** ModelSlowMode: who must wait in slow mode, as far as the protocol document determines it. */

/** Longest wait of a user whom the room has not heard from, ms. */
const MAX_FIRST_WAIT_MS = 60_000;

export class ModelSlowMode {
  /** Time of each user's last message, Unix ms, and whether the room has it in memory. */
  readonly #wrote = new Map<string, { readonly at: number; isInMemory: boolean }>();
  /** Time when each user connected first, Unix ms. */
  readonly #came = new Map<string, number>();

  /**
   * Returns whether a user must wait before the next message. After a reconnect, and for messages that the room no
   * longer keeps, the document leaves that open: `"maybe"`.
   *
   * @param since - time when the connection opened, Unix ms
   * @param isKept - whether the log has the user's message of this time, Unix ms
   */
  mustWait(
    user: string,
    intervalMs: number,
    since: number,
    now: number,
    isKept: (at: number) => boolean,
  ): "yes" | "no" | "maybe" {
    if (intervalMs === 0) return "no";
    const wrote = this.#wrote.get(user);
    const first = Math.min(intervalMs, MAX_FIRST_WAIT_MS);
    const isNew = since + first > now;
    if (wrote !== undefined) {
      if (wrote.at + intervalMs > now) return wrote.isInMemory || isKept(wrote.at) ? "yes" : "maybe";
      return isNew ? "maybe" : "no";
    }
    if (!isNew) return "no";
    return (this.#came.get(user) ?? now) + first > now ? "yes" : "maybe";
  }

  came(user: string, now: number): void {
    if (!this.#came.has(user)) this.#came.set(user, now);
  }

  wrote(user: string, now: number): void {
    this.#wrote.set(user, { at: now, isInMemory: true });
  }

  /** The room lost its memory. It reads the log when a message comes, which may be after a wipe or a pruning. */
  forget(): void {
    for (const wrote of this.#wrote.values()) wrote.isInMemory = false;
  }
}
