/** Emitter: calls the listeners of named events. */
import { reportUncaught } from "./platform.ts";

type Listeners<Events> = { [K in keyof Events]?: Set<(event: Events[K]) => void> };

/**
 * Emitter queues events and delivers them on `flush`, in order and each to all its listeners before
 * the next. Events that a listener causes are delivered after it. An error that a listener throws
 * is reported as uncaught, and the other listeners are still called.
 */
export class Emitter<Events> {
  readonly #listeners: Listeners<Events> = {};
  #queue: (() => void)[] = [];
  #isFlushing = false;

  /** Adds a listener. Returns a function that removes it. */
  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): () => void {
    // A wrapper each time, so that one function can be added twice.
    const own = (event: Events[K]) => listener(event);
    const listeners = this.#listeners[type] ?? new Set();
    this.#listeners[type] = listeners;
    listeners.add(own);
    return () => listeners.delete(own);
  }

  /** Whether an event has a listener. */
  has(type: keyof Events): boolean {
    return (this.#listeners[type]?.size ?? 0) > 0;
  }

  /** Queues an event; one that has no listener is dropped. */
  emit<K extends keyof Events>(type: K, event: Events[K]): void {
    if (!this.has(type)) return;
    this.#queue.push(() => {
      for (const listener of this.#listeners[type] ?? []) {
        try {
          listener(event);
        } catch (error) {
          reportUncaught(error);
        }
      }
    });
  }

  /** Delivers the queued events. Called by a listener, it leaves them to the delivery that is running. */
  flush(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    for (let deliver = this.#queue.shift(); deliver !== undefined; deliver = this.#queue.shift()) deliver();
    this.#isFlushing = false;
  }
}
