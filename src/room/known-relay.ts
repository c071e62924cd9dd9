/** KnownRelay: a relay as its room knows it: its connections, the session with it, and when it must be called. */
import { type Elsewhere, isSameElsewhere, NOTHING_HERE } from "./elsewhere.ts";
import type { RelayCalls } from "./feed.ts";
import { type Current, RelayLink } from "./relay-link.ts";

/** Pause before a relay that did not attach is called again; it doubles up to the longest. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
/** Time for which a relay without connections is kept. */
const KEEP_EMPTY_MS = 60_000;

export class KnownRelay {
  readonly link: RelayLink;
  readonly #onChange: () => void;
  #here = NOTHING_HERE;
  #isBehind = false;
  #isCalled = false;
  #failures = 0;
  /** Earliest time of the next call, Unix ms. */
  #callAt = 0;
  /** Time since when it has no connections, Unix ms, or `null`. */
  #emptySince: number | null = null;

  /** @param onChange - called when there is something to do */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.link = new RelayLink({ onChange });
  }

  /** The connections that it reported last. */
  get here(): Elsewhere {
    return this.#here;
  }

  /** Whether there is something that it was not sent. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Whether it has connections and no session. */
  get isResting(): boolean {
    return !this.link.isAttached && this.#here.connections > 0;
  }

  /** Takes a report of its connections. Returns whether it differs from the last one. `now` is Unix ms. */
  report(here: Elsewhere, now: number): boolean {
    const isChanged = !isSameElsewhere(here, this.#here);
    this.#here = here;
    this.#emptySince = here.connections > 0 ? null : (this.#emptySince ?? now);
    return isChanged;
  }

  /** Records that there is something that it was not sent: it must be called, unless it has a session. */
  fallBehind(): void {
    this.#isBehind = true;
  }

  /** Records that it attaches, and so reads what it lacks. */
  catchUp(): void {
    this.#isBehind = false;
    this.#failures = 0;
  }

  /** Whether it has had no connections for so long that it can be forgotten. */
  isUnused(now: number): boolean {
    return this.#emptySince !== null && now >= this.#emptySince + KEEP_EMPTY_MS;
  }

  /** Calls it, so that it attaches, if it lacks something. `calls` returns its calls; `now` is Unix ms. */
  callIfBehind(calls: () => RelayCalls, now: number): void {
    if (!this.#mustBeCalled || now < this.#callAt) return;
    this.#isCalled = true;
    const done = (hasFailed: boolean) => {
      this.#isCalled = false;
      if (hasFailed) this.#failures += 1;
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
      this.#callAt = hasFailed ? now + pause : 0;
      this.#onChange();
    };
    this.#wake(calls()).then(
      () => done(!this.link.isAttached),
      () => done(true),
    );
  }

  /** Time when there is something to do for it, Unix ms, or `null`. */
  dueAt(current: Omit<Current, "rules">): number | null {
    const due = [
      this.link.dueAt(current),
      this.#mustBeCalled ? this.#callAt : null,
      this.link.isAttached && this.#emptySince !== null ? this.#emptySince + KEEP_EMPTY_MS : null,
    ].filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  get #mustBeCalled(): boolean {
    return this.#isBehind && !this.#isCalled && !this.link.isAttached;
  }

  async #wake(calls: RelayCalls): Promise<void> {
    const session = await calls.wake(null);
    // The relay does not know yet that this session has ended.
    if (session !== null && !this.link.isSession(session)) await calls.wake(session);
  }
}
