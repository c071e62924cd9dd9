/** Descriptor budget: refuses requests while the runtime has too few free file descriptors. */

/** Descriptors that a request may open: two for its connection, three for the room that it wakes. */
const PER_REQUEST = 5;

/**
 * How long, in ms, a measurement is valid, since connections without a request open descriptors too; and how
 * long if its budget is used up. A list of 10,000 descriptors takes a few ms.
 */
const VALID_MS = 1_000;
const USED_UP_MS = 250;

/** DescriptorBudget admits requests until `max` descriptors are open. */
export class DescriptorBudget {
  readonly #max: number;
  readonly #measure: () => Promise<number>;
  #left = 0;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #measuring: Promise<void> | undefined;

  /** `measure` gives the number of descriptors that are open now. */
  constructor(max: number, measure: () => Promise<number>) {
    this.#max = max;
    this.#measure = measure;
  }

  /** Whether a request at `now`, in ms, may go on. It then counts against the budget until the next measurement. */
  async admit(now: number): Promise<boolean> {
    const validMs = this.#left < PER_REQUEST ? USED_UP_MS : VALID_MS;
    if (now - this.#measuredAt >= validMs) {
      this.#measuring ??= this.#update(now).finally(() => {
        this.#measuring = undefined;
      });
      await this.#measuring;
    }
    if (this.#left < PER_REQUEST) return false;
    this.#left -= PER_REQUEST;
    return true;
  }

  async #update(now: number): Promise<void> {
    this.#left = this.#max - (await this.#measure());
    this.#measuredAt = now;
  }
}
