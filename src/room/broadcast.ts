/** Broadcast: what everyone is due of a flush, and how soon the next flush may come. */
import { plainLine, type RoomEvent, type ServerLine } from "../protocol/index.ts";
import { eventLine } from "./tail.ts";

/** The lines of one flush that are shared, serialised once for all. */
export interface Shared {
  /** For `chat.v1`: events, presence, typing. */
  readonly v1: string;
  /** For plain mode: the messages alone. */
  readonly plain: string;
}

/** Said is an event and whether a plain sender said it: it is then shown without a name. */
export interface Said {
  readonly event: RoomEvent;
  readonly plain: boolean;
}

export function sharedLines(said: readonly Said[], aside: readonly (ServerLine | null)[]): Shared {
  const v1 = said.map(({ event }) => eventLine(event));
  for (const line of aside) if (line !== null) v1.push(JSON.stringify(line));
  const plain: string[] = [];
  for (const { event, plain: bare } of said) {
    if (event.type === "message") plain.push(plainLine(bare ? event.text : `${event.name}: ${event.text}`));
  }
  return { v1: v1.join("\n"), plain: plain.join("\n") };
}

/** What one frame costs the room's thread, about; measured on workerd. */
const FRAME_COST_MS = 0.05;
/** A fan-out that costs less than this needs no gap after it. */
const NEGLIGIBLE_MS = 2;
const MAX_GAP_MS = 250;

/**
 * Pacer keeps a gap between flushes in proportion to what a fan-out costs: a flush that begins
 * before the last one has drained would only wait behind it. A small or quiet room has none.
 */
export class Pacer {
  #flushedAt = Number.NEGATIVE_INFINITY;
  #readyAt = Number.NEGATIVE_INFINITY;

  /** Whether a flush may come now. A clock that was set back holds nothing up. */
  isReady(now: number): boolean {
    return now >= this.#readyAt || now < this.#flushedAt;
  }

  /** When the next flush may come, Unix ms. */
  get readyAt(): number {
    return this.#readyAt;
  }

  /** Takes note of a flush that sent `frames` frames. `now` is Unix ms. */
  flushed(now: number, frames: number): void {
    this.#flushedAt = now;
    const costMs = frames * FRAME_COST_MS;
    this.#readyAt = costMs < NEGLIGIBLE_MS ? now : now + Math.min(costMs * 1.1, MAX_GAP_MS);
  }
}
