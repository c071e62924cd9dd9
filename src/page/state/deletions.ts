/** Deletions of own messages that can still be undone. */
import { type ReadonlySignal, signal } from "@preact/signals";

/** Time in which a deletion can be undone. */
const UNDO_MS = 5_000;

/** Deletions hides messages at once, and deletes each when its time to undo is over. */
export class Deletions {
  readonly #hidden = signal<ReadonlySet<number>>(new Set());
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  readonly #delete: (seq: number) => void;

  constructor(deleteMessage: (seq: number) => void) {
    this.#delete = deleteMessage;
  }

  /** Seqs of the hidden messages. */
  get hidden(): ReadonlySignal<ReadonlySet<number>> {
    return this.#hidden;
  }

  add(seq: number): void {
    if (this.#timers.has(seq)) return;
    this.#timers.set(
      seq,
      setTimeout(() => this.#finish(seq), UNDO_MS),
    );
    this.#show();
  }

  /** Shows the message again. */
  undo(seq: number): void {
    clearTimeout(this.#timers.get(seq));
    this.#timers.delete(seq);
    this.#show();
  }

  /** Deletes all hidden messages now: the user leaves the room or the page. */
  finish(): void {
    for (const seq of [...this.#timers.keys()]) this.#finish(seq);
  }

  #finish(seq: number): void {
    // The outbox holds the deletion before the message stops being hidden, so it never reappears.
    this.#delete(seq);
    this.undo(seq);
  }

  #show(): void {
    this.#hidden.value = new Set(this.#timers.keys());
  }
}
