/** Catch-ups: clients that resume, and wait until the relay has everything that was committed when they came. */

/** Time after which the relay reads the log anew. */
const TIMEOUT_MS = 5_000;

export interface CatchUpsOptions {
  /** Reads the head of the room's log. Rejects if it is another log. */
  readonly head: () => Promise<number>;
  /** Called if the head could not be read. */
  readonly onFailed: () => void;
  /** Called when something is due. */
  readonly onChange: () => void;
}

interface Waiting {
  readonly done: () => void;
  /** Seq that the relay must have; `null` until the room has said how far its log goes. */
  until: number | null;
}

export class CatchUps {
  readonly #options: CatchUpsOptions;
  #waiting: Waiting[] = [];
  #isAsking = false;
  /** Time since when clients wait, Unix ms, or `null`. */
  #since: number | null = null;

  constructor(options: CatchUpsOptions) {
    this.#options = options;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Waits until the relay has what is committed now, and calls `done`. */
  add(done: () => void): void {
    this.#waiting.push({ done, until: null });
    if (!this.#isAsking) void this.#ask();
  }

  /** Calls `done` of the clients for which the log goes far enough. */
  settle(head: number): void {
    const isDone = ({ until }: Waiting) => until !== null && until <= head;
    const done = this.#waiting.filter(isDone);
    this.#waiting = this.#waiting.filter((waiting) => !isDone(waiting));
    if (this.#waiting.length === 0) this.#since = null;
    for (const waiting of done) waiting.done();
  }

  /** Whether `settle` has something to do. */
  isDue(head: number): boolean {
    return this.#waiting.some(({ until }) => until !== null && until <= head);
  }

  /** Whether clients have waited for too long. `now` is Unix ms. */
  isOverdue(now: number): boolean {
    if (this.#waiting.length === 0) return false;
    this.#since ??= now;
    if (now < this.#since + TIMEOUT_MS) return false;
    this.#since = now;
    return true;
  }

  /** Time when they have, Unix ms, or `null`. */
  get dueAt(): number | null {
    return this.#since === null ? null : this.#since + TIMEOUT_MS;
  }

  /**
   * Call this before the room is asked for its head by other means. Returns a function that takes the answer. It counts
   * for the clients that wait already: clients that come later may have seen more.
   */
  asking(): (head: number) => void {
    const asking = [...this.#waiting];
    return (head) => {
      for (const waiting of asking) waiting.until = head;
    };
  }

  /** Asks the room how far its log goes. */
  async #ask(): Promise<void> {
    this.#isAsking = true;
    try {
      // For clients that come meanwhile, the room is asked again.
      while (this.#waiting.some(({ until }) => until === null)) {
        const asking = [...this.#waiting];
        const head = await this.#options.head();
        for (const waiting of asking) waiting.until ??= head;
      }
    } catch {
      this.#options.onFailed();
    }
    this.#isAsking = false;
    this.#options.onChange();
  }
}
