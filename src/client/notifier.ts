/** Notifier: tells listeners what happened, in the order in which it happened. */
import { reportUncaught } from "./platform.ts";

type Listeners<Events> = { [K in keyof Events]?: Set<(event: Events[K]) => void> };

/**
 * Notifier calls listeners one after the other. What a listener causes is told after what it was
 * called for has been told to everyone; one that throws stops no other, and its error is reported
 * as uncaught.
 */
export class Notifier<Events> {
  readonly #listeners: Listeners<Events> = {};
  #pending: (() => void)[] = [];
  #isTelling = false;

  /** Listens. Returns what ends it. */
  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): () => void {
    // A wrapper for each, so that one function may listen twice.
    const own = (event: Events[K]) => listener(event);
    const listeners = this.#listeners[type] ?? new Set();
    this.#listeners[type] = listeners;
    listeners.add(own);
    return () => listeners.delete(own);
  }

  /** Notes something to be told by the next `flush`; what nobody listens to is not noted. */
  add<K extends keyof Events>(type: K, event: Events[K]): void {
    if (!this.#listeners[type]?.size) return;
    this.#pending.push(() => {
      for (const listener of this.#listeners[type] ?? []) {
        try {
          listener(event);
        } catch (error) {
          reportUncaught(error);
        }
      }
    });
  }

  /** Tells everything noted; called by a listener, it leaves that to the call under way. */
  flush(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let tell = this.#pending.shift(); tell !== undefined; tell = this.#pending.shift()) tell();
    this.#isTelling = false;
  }
}
