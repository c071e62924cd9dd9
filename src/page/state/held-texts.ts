/** Texts that are sent once their shortcodes are replaced: the emoji may still be loading. */

/** Longest wait for an emoji, ms. */
const MAX_WAIT_MS = 3_000;

interface HeldText {
  text: string;
  isReady: boolean;
  readonly send: (text: string) => void;
}

/** HeldTexts sends texts in order, at once unless one of them waits for an emoji. */
export class HeldTexts {
  /** Emoji that are being loaded, by their shortcodes with colons. */
  readonly #loading = new Map<string, Promise<string | undefined>>();
  readonly #queue: HeldText[] = [];

  /** Takes in that the emoji of `shortcode` is being loaded. `loading` must not reject. */
  load(shortcode: string, loading: Promise<string | undefined>): void {
    this.#loading.set(shortcode, loading);
    void loading.then(() => {
      if (this.#loading.get(shortcode) === loading) this.#loading.delete(shortcode);
    });
  }

  /** Calls `send` with `text` after its shortcodes are replaced and the texts before it are sent. */
  send(text: string, send: (text: string) => void): void {
    const waits = [...this.#loading].filter(([shortcode]) => text.includes(shortcode));
    const held = { text, isReady: waits.length === 0, send };
    this.#queue.push(held);
    if (held.isReady) this.#flush();
    else void this.#replace(held, waits);
  }

  /** Sends the waiting texts as they are. */
  finish(): void {
    for (const held of this.#queue) held.isReady = true;
    this.#flush();
  }

  async #replace(
    held: HeldText,
    waits: readonly (readonly [string, Promise<string | undefined>])[],
  ): Promise<void> {
    const limit = new Promise<undefined>((done) => setTimeout(done, MAX_WAIT_MS));
    for (const [shortcode, loading] of waits) {
      const emoji = await Promise.race([loading, limit]);
      if (emoji !== undefined) held.text = held.text.replaceAll(shortcode, () => emoji);
    }
    held.isReady = true;
    this.#flush();
  }

  #flush(): void {
    for (let next = this.#queue[0]; next?.isReady === true; next = this.#queue[0]) {
      this.#queue.shift();
      next.send(next.text);
    }
  }
}
