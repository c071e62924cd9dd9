/** Inbox: what came from the room and waits for a flush. */
import { type RoomEvent, withoutId } from "../protocol/index.ts";
import type { AttachAnswer, Delivery, Position } from "../room/feed.ts";
import type { RulesSnapshot } from "../room/rules.ts";
import type { Committed } from "../room/sequencer.ts";

/** Length of the lines that may wait, in UTF-16 units. Beyond it they are read again from the room. */
const MAX_LENGTH = 8_000_000;

/** Taken is a delivery, or the answer to an attach. */
export interface Taken extends Pick<Delivery, "results" | "state" | "elsewhere"> {
  readonly entries: readonly Committed[];
  readonly rules?: RulesSnapshot;
  /** Length of the lines of `entries`, in UTF-16 units. */
  readonly length: number;
  /** The log is not continued: these are its newest events. */
  readonly newest?: Pick<AttachAnswer, "events" | "secrets">;
}

export class Inbox {
  #taken: Taken[] = [];
  #length = 0;
  /** Where the log is after everything that was taken. */
  #position: Position | null = null;

  get isEmpty(): boolean {
    return this.#taken.length === 0;
  }

  /** Where the log is after everything that was taken; `null` if nothing ever was. */
  get position(): Position | null {
    return this.#position;
  }

  /** Numbers of the commands whose results wait. */
  get answered(): ReadonlySet<number> {
    return new Set(this.#taken.flatMap(({ results }) => results.map(({ ref }) => ref)));
  }

  /** Adds a delivery. Returns `false`, and adds nothing, if too much waits. */
  addDelivery({ entries, results, state, elsewhere, rules }: Delivery): boolean {
    const length = entries.reduce((sum, { line }) => sum + line.length, 0);
    if (this.#length + length > MAX_LENGTH) return false;
    const changed = { ...(elsewhere && { elsewhere }), ...(rules && { rules }) };
    this.#add({ entries: entries.map(fromFeed), results, state, length, ...changed });
    return true;
  }

  /** Adds the answer to an attach. If it does not continue the log, it replaces what waits after `flushed`. */
  addAttached(answer: AttachAnswer, flushed: Position | null): void {
    const { secrets, state, elsewhere, rules, events, isContinued } = answer;
    if (!isContinued) this.forget(flushed);
    const entries = isContinued ? events.map(asCommitted) : [];
    const newest = isContinued ? {} : { newest: { events, secrets } };
    this.#add({ entries, results: [], state, elsewhere, rules, length: 0, ...newest });
  }

  /** Forgets what waits: it is read again. `flushed` is where the log is for the connections. */
  forget(flushed: Position | null): void {
    this.#taken = [];
    this.#length = 0;
    this.#position = flushed;
  }

  /** Takes out as much as one flush of `most` UTF-16 units may send, at least one delivery. */
  take(most: number): Taken[] {
    let length = 0;
    let count = 0;
    for (const taken of this.#taken) {
      // The events before the newest ones leave first.
      if (count > 0 && (length + taken.length > most || taken.newest !== undefined)) break;
      count += 1;
      length += taken.length;
    }
    this.#length -= length;
    return this.#taken.splice(0, count);
  }

  #add(taken: Taken): void {
    this.#taken.push(taken);
    this.#length += taken.length;
    this.#position = { epoch: taken.state.epoch, seq: taken.state.head };
  }
}

function fromFeed({ line, id, isPlain }: Delivery["entries"][number]): Committed {
  // The room made the line from an event.
  const event: RoomEvent = JSON.parse(line);
  return { event: id === undefined ? event : { ...event, id }, line, isPlain: isPlain === true };
}

/** Returns an event that was read from the log as a committed one. */
export function asCommitted(event: RoomEvent): Committed {
  return { event, line: JSON.stringify(withoutId(event)), isPlain: false };
}
