/** Session: a relay's session with its room, in which the room delivers what it commits. */
import type { AttachAnswer, Delivery, RelaySink } from "../room/feed.ts";

/** Pause after an attempt to attach that failed; it doubles up to the longest. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** Attempt is one attempt to attach. */
export interface Attempt {
  /** Asks the room for a session whose deliveries go to `sink`. */
  readonly ask: (sink: RelaySink) => Promise<AttachAnswer>;
  /** Called once the session has begun, before its first delivery. */
  readonly onAttached: (answer: AttachAnswer) => void;
}

export interface SessionOptions {
  readonly attempt: () => Attempt;
  /** Makes a sink that can be passed to the room. `onDrop` is called when the room has dropped it, or is gone. */
  readonly exported: (sink: RelaySink, onDrop: () => void) => RelaySink;
  /** Takes a delivery. Throws if it cannot. */
  readonly onDelivery: (delivery: Delivery) => void;
  /** Called when the room has ended the session without a last delivery. */
  readonly onDropped: () => void;
  /** Called when an attempt to attach has ended. */
  readonly onChange: () => void;
  readonly onFailed: (error: unknown) => void;
  /** Returns the time, Unix ms. */
  readonly now: () => number;
}

export class Session {
  readonly #options: SessionOptions;
  /** The current session, with the number of its last delivery. */
  #current: { readonly id: string; number: number } | null = null;
  #attaching: Promise<void> | null = null;
  #isReleased = false;
  #retryAt = 0;
  #failures = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Name of the session, or `null` without one. */
  get id(): string | null {
    return this.#current?.id ?? null;
  }

  get isAttaching(): boolean {
    return this.#attaching !== null;
  }

  /** Whether the room ended the last session because nothing happened. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Earliest time of the next attempt to attach, Unix ms; `null` while one is under way. */
  get retryAt(): number | null {
    return this.isAttaching ? null : this.#retryAt;
  }

  /** Begins a session, unless there is one. Rejects if the room cannot be reached. */
  attach(): Promise<void> {
    if (this.#current !== null) return Promise.resolve();
    this.#attaching ??= this.#attach().finally(() => {
      this.#attaching = null;
      this.#options.onChange();
    });
    return this.#attaching;
  }

  /** Whether a delivery belongs to the session and was not taken yet. */
  isNew({ session, number }: Delivery): boolean {
    return session === this.#current?.id && number > this.#current.number;
  }

  /** Takes the number of a delivery. Returns `false` if one before it is missing. */
  takeNumber({ number }: Delivery): boolean {
    if (this.#current === null || number !== this.#current.number + 1) return false;
    this.#current.number = number;
    return true;
  }

  /** The room has ended the session, because nothing happens. */
  release(): void {
    this.#current = null;
    this.#isReleased = true;
  }

  /** Ends the session: something of it is missing. */
  lose(): void {
    this.#current = null;
  }

  async #attach(): Promise<void> {
    const { attempt, exported, onDelivery, onDropped, onFailed, now } = this.#options;
    let id: string | null = null;
    let isDropped = false;
    const onDrop = () => {
      isDropped = true;
      if (id !== null && this.id === id) onDropped();
    };
    const { ask, onAttached } = attempt();
    try {
      const answer = await ask(exported({ deliver: async (delivery) => onDelivery(delivery) }, onDrop));
      id = answer.session;
      this.#current = { id, number: 0 };
      this.#isReleased = false;
      this.#failures = 0;
      onAttached(answer);
      // The session has ended before it was known here.
      if (isDropped) onDropped();
    } catch (error) {
      this.#retryAt = now() + Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
      this.#failures += 1;
      onFailed(error);
      throw error;
    }
  }
}
