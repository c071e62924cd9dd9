/** Typing throttle: how often the room is told that one types. */

/** Least time between two lines that say that one types. */
const TYPING_INTERVAL_MS = 3_000;

/** TypingThrottle passes `on` from time to time, and `off` once after it. */
export class TypingThrottle {
  /** When `on` was last passed, Unix ms; `null` where `off` has followed. */
  #onAt: number | null = null;

  /** Whether to say it now. `now` is Unix ms. */
  pass(on: boolean, now: number): boolean {
    const isNew = this.#onAt === null ? on : !on || now - this.#onAt >= TYPING_INTERVAL_MS;
    if (isNew) this.#onAt = on ? now : null;
    return isNew;
  }

  /** The connection is gone: the room knows no more that one types. */
  disconnected(): void {
    this.#onAt = null;
  }
}
