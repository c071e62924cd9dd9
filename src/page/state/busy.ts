/** Busy is a signal that is true while at least one promise is pending. */
import { computed, signal } from "@preact/signals";

export class Busy {
  readonly #count = signal(0);
  readonly #busy = computed(() => this.#count.value > 0);

  get value(): boolean {
    return this.#busy.value;
  }

  /** Is true until `work` settles. Errors are ignored here: the next request tries again. */
  async while(work: Promise<unknown>): Promise<void> {
    this.#count.value += 1;
    try {
      await work;
    } catch {
      // See above.
    } finally {
      this.#count.value -= 1;
    }
  }
}
