/** Alarm: one timer, which calls back when the next thing is due. */
import type { Clock } from "./platform.ts";

/** Alarm calls back once, at the time that it was last set to. */
export class Alarm {
  readonly #clock: Clock;
  readonly #callback: () => void;
  #timer: unknown = null;
  #at: number | null = null;

  constructor(clock: Clock, callback: () => void) {
    this.#clock = clock;
    this.#callback = callback;
  }

  /** When it will call back, Unix ms, or `null` where it is not set. */
  get at(): number | null {
    return this.#at;
  }

  /** Sets it to `at`, Unix ms, and to that alone; `null` is never. */
  set(at: number | null): void {
    if (at === this.#at) return;
    this.#clock.clearTimeout(this.#timer);
    this.#at = at;
    if (at === null) return;
    const ring = () => {
      this.#at = null;
      this.#callback();
    };
    this.#timer = this.#clock.setTimeout(ring, Math.max(0, at - this.#clock.now()));
  }
}
