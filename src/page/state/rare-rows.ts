/** RareRows are a kind of rows whose code is loaded when a room first has one. */
import { signal } from "@preact/signals";
import { type Item, isMessage, isNotice } from "./rows.ts";

export class RareRows {
  readonly #isRare: (item: Item) => boolean;
  readonly #isTried = signal(false);
  #load: () => Promise<void> = () => Promise.resolve();

  constructor(isRare: (item: Item) => boolean) {
    this.#isRare = isRare;
  }

  /** Sets how the code is loaded. `load` must not reject: messages are shown all the same. */
  setLoader(load: () => Promise<void>): void {
    this.#load = load;
  }

  /** Returns whether `items` can be drawn in their final height. If not, starts to load what that needs. */
  canShow(items: readonly Item[]): boolean {
    if (this.#isTried.value || !items.some(this.#isRare)) return true;
    void this.load();
    return false;
  }

  /** Loads the code. */
  async load(): Promise<void> {
    await this.#load();
    this.#isTried.value = true;
  }
}

export const noticeRows = new RareRows(isNotice);
/** Messages with files. */
export const fileRows = new RareRows((item) => isMessage(item) && item.files !== undefined);
