/**
 * Frame pacing: when the next frame of commands is sent, and how many it may have.
 *
 * Several commands share a frame, and the next frame is sent once every command of the last one is
 * answered. The room reads a frame at one instant, so a rate limit rejects the end of a frame; with
 * no second frame on its way, no command can overtake a rejected one. After a rate limit, commands
 * are sent one at a time until the outbox is empty.
 */

/** Commands in one frame: the burst that the server allows by default. */
export const MAX_IN_FLIGHT = 20;

/** FramePacing has no clock: times are arguments, Unix ms. */
export class FramePacing {
  /** Commands that were sent on this connection and have no answer. */
  #unanswered = 0;
  /** When the last frame was sent. */
  #sentAt = 0;
  /** Pause between two commands after a rate limit, ms; `null` before one. */
  #pauseMs: number | null = null;
  /** No command is sent before this time. */
  #notBefore = 0;

  /** When the frame was sent that is not fully answered, or `null`. */
  get sentAt(): number | null {
    return this.#unanswered > 0 ? this.#sentAt : null;
  }

  /** Commands that the next frame may have. */
  get maxCommands(): number {
    return this.#pauseMs === null ? MAX_IN_FLIGHT : 1;
  }

  /** Returns when a command with this `retryAt` is due; `null` while a frame is not fully answered. */
  dueAt(retryAt = 0): number | null {
    return this.#unanswered > 0 ? null : Math.max(this.#notBefore, retryAt);
  }

  /** A frame with `count` commands is sent. */
  sent(count: number, now: number): void {
    this.#unanswered = count;
    this.#sentAt = now;
  }

  /** The room stored a command. */
  accepted(now: number): void {
    if (this.#pauseMs !== null) this.#notBefore = now + this.#pauseMs;
  }

  /**
   * The room asks for a pause before a command.
   *
   * @param isFirst - whether no command before it waits for an answer
   */
  limited(waitMs: number, isFirst: boolean): void {
    this.#pauseMs = isFirst ? Math.max(this.#pauseMs ?? 0, waitMs) : (this.#pauseMs ?? waitMs);
  }

  /** Counts an answer. `isPending`: other commands are queued or unanswered; if not, the rate limit ends. */
  answered(isPending: boolean): void {
    this.#unanswered -= 1;
    if (isPending) return;
    this.#pauseMs = null;
    this.#notBefore = 0;
  }

  /** The connection is lost. The next one starts with a rate of its own. */
  disconnected(): void {
    this.#unanswered = 0;
    this.#pauseMs = null;
    this.#notBefore = 0;
  }
}
