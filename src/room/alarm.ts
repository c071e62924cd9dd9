/** RoomAlarm: the one alarm of a room's object. It is set to the earliest time at which the room must be awake. */
import { STALE_AFTER_MS } from "../protocol/index.ts";
import type { Room } from "./room.ts";

/** Shortest time to an alarm, ms: what is due now is done without one, unless the object ends. */
const LEAST_MS = 1_000;
/** Time until a deletion of files that failed is tried again. */
const REMOVE_RETRY_MS = 20_000;
/** Time until a relay that may lack events is called again after a restart of the room. */
const RELAY_RETRY_MS = 5_000;

type AlarmStorage = Pick<DurableObjectStorage, "getAlarm" | "setAlarm" | "deleteAlarm">;

export class RoomAlarm {
  readonly #storage: AlarmStorage;
  /** Time for which it is set, Unix ms, or `null`. */
  #at: number | null = null;
  /** Time of the next sweep of stale connections, Unix ms, or `null`. */
  #sweepAt: number | null = null;
  /** Time of the next attempt to delete files of messages that are gone, Unix ms, or `null`. */
  #removeAt: number | null = null;
  /** Time of the next call of the relays that may lack events, Unix ms, or `null`. */
  #callAt: number | null = null;

  constructor(storage: AlarmStorage) {
    this.#storage = storage;
  }

  /** Reads the alarm that an earlier object of the room has set. */
  async load(): Promise<void> {
    this.#at = await this.#storage.getAlarm();
  }

  /** Keeps the alarm of an earlier object for the next sweep: the alarm is never later than the sweep. */
  continueSweep(): void {
    this.#sweepAt = this.#at;
  }

  /** Records that the alarm has fired. `sweepAt` is the time of the next sweep, Unix ms, or `null`. */
  fired(sweepAt: number | null): void {
    this.#at = null;
    this.#removeAt = null;
    this.#sweepAt = sweepAt;
  }

  /** Records that the alarm was deleted with the rest of the storage. */
  deleted(): void {
    this.#at = null;
  }

  /** Sets the alarm to the earliest time at which `room` must be awake, or clears it. */
  keep({ audience, log, retention, relays }: Room, now: number): void {
    this.#sweepAt = audience.needsSweep ? (this.#sweepAt ?? now + STALE_AFTER_MS) : null;
    this.#removeAt = log.files?.hasGone ? (this.#removeAt ?? now + REMOVE_RETRY_MS) : null;
    this.#callAt = relays?.isBehind ? (this.#callAt ?? now + RELAY_RETRY_MS) : null;
    this.#set([this.#sweepAt, this.#removeAt, this.#callAt, retention.wakeAt], now);
  }

  /** Setting an alarm writes a row, so it is set only when its time changes. */
  #set(times: readonly (number | null)[], now: number): void {
    const known = times.filter((at) => at !== null);
    const at = known.length === 0 ? null : Math.min(...known);
    if (at === this.#at) return;
    this.#at = at;
    if (at === null) void this.#storage.deleteAlarm();
    else void this.#storage.setAlarm(Math.max(at, now + LEAST_MS));
  }
}
