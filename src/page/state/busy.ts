/** Busy is a signal that is true while something is under way. */
import { computed, signal } from "@preact/signals";

export class Busy {
  readonly #count = signal(0);
  readonly #busy = computed(() => this.#count.value > 0);

  get value(): boolean {
    return this.#busy.value;
  }

  /** Is true until `work` has settled; its failure is nobody's here. */
  async while(work: Promise<unknown>): Promise<void> {
    this.#count.value += 1;
    try {
      await work;
    } catch {
      // What was asked for did not come; it is asked for again when it is wanted again.
    } finally {
      this.#count.value -= 1;
    }
  }
}
