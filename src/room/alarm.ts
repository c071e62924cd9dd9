/** RoomAlarm: the one alarm of a room's object. Setting it writes a row, so it is set only when its time changes. */

/** Shortest time to an alarm, ms: what is due now is done without one, unless the object ends. */
const LEAST_MS = 1_000;

export class RoomAlarm {
  readonly #storage: Pick<DurableObjectStorage, "getAlarm" | "setAlarm" | "deleteAlarm">;
  /** Unix ms; `null` if it is not set. */
  #at: number | null = null;

  constructor(storage: Pick<DurableObjectStorage, "getAlarm" | "setAlarm" | "deleteAlarm">) {
    this.#storage = storage;
  }

  /** Reads the alarm that an earlier object of the room has set. */
  async load(): Promise<void> {
    this.#at = await this.#storage.getAlarm();
  }

  /** Time for which it is set, Unix ms, or `null`. */
  get at(): number | null {
    return this.#at;
  }

  /** The alarm has gone off, or was deleted with everything else. */
  cleared(): void {
    this.#at = null;
  }

  /** Sets it to the earliest of `times`, Unix ms; clears it if all are `null`. */
  keep(times: readonly (number | null)[], now: number): void {
    const set = times.filter((at) => at !== null);
    const at = set.length === 0 ? null : Math.min(...set);
    if (at === this.#at) return;
    this.#at = at;
    if (at === null) void this.#storage.deleteAlarm();
    else void this.#storage.setAlarm(Math.max(at, now + LEAST_MS));
  }
}
