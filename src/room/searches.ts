/** Searches: scans of the log for matching messages, in short slices, so that they do not delay flushes. */
import {
  accept,
  type Message,
  matches,
  type Result,
  reject,
  type SearchQuery,
  withoutId,
} from "../protocol/index.ts";
import type { Log } from "./log.ts";

/** Messages that one slice looks at: a few milliseconds. */
const SLICE_MESSAGES = 250;
/** Length of the texts of one slice, in UTF-16 units. */
const SLICE_LENGTH = 128 * 1024;
/** Scans that may wait in one room. */
const MAX_SEARCHES = 20;
const BUSY_RETRY_MS = 2_000;

/** FoundPage is a page of matching messages. */
export interface FoundPage {
  /** Newest first. */
  readonly events: readonly Message[];
  /** Seq before which the next page begins; absent: the log was searched to its start. */
  readonly before?: number;
}

/** Search is one scan, from the seq `before` towards older messages. */
export interface Search {
  readonly query: SearchQuery;
  /** Seq before which the scan begins. */
  readonly before: number;
  /** Most messages to find. */
  readonly limit: number;
  /** Whether the connection that asked is still open. */
  readonly isWanted: () => boolean;
  /** `looked` is the number of messages that were looked at. */
  readonly onResult: (result: Result<FoundPage>, looked: number) => void;
}

interface Scan extends Search {
  position: number;
  looked: number;
  readonly found: Message[];
}

export class Searches {
  readonly #log: Log;
  /** They take turns: one slice each. */
  #scans: Scan[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** Whether a slice is due. */
  get isDue(): boolean {
    return this.#scans.length > 0;
  }

  /** Starts a scan, or rejects it if too many wait. */
  add(search: Search): void {
    if (this.#scans.length >= MAX_SEARCHES) {
      search.onResult(reject("rate_limited", "too many searches in this room", BUSY_RETRY_MS), 0);
      return;
    }
    this.#scans.push({ ...search, position: search.before, looked: 0, found: [] });
  }

  /** Does one slice of the scan whose turn it is. */
  step(): void {
    this.#scans = this.#scans.filter(({ isWanted }) => isWanted());
    const scan = this.#scans.shift();
    if (scan === undefined) return;
    const isDone = this.#slice(scan);
    if (!isDone) {
      this.#scans.push(scan);
      return;
    }
    const { found: events, position, looked } = scan;
    const page =
      position > 1 && this.#log.hasMessagesBefore(position) ? { events, before: position } : { events };
    scan.onResult(accept(page), looked);
  }

  /** Returns whether the scan has ended: enough was found, or the log begins here. */
  #slice(scan: Scan): boolean {
    let length = 0;
    let count = 0;
    for (const message of this.#log.texts(scan.position, SLICE_MESSAGES)) {
      scan.position = message.seq;
      scan.looked += 1;
      count += 1;
      length += message.text.length;
      if (matches(message, scan.query)) {
        const whole = this.#log.find(message.seq);
        if (whole !== null) scan.found.push(whole);
        if (scan.found.length >= scan.limit) return true;
      }
      if (length >= SLICE_LENGTH) return false;
    }
    return count < SLICE_MESSAGES;
  }
}

/** Returns a page as clients see it. */
export function withoutIds({ events, before }: FoundPage): { events: Message[]; before?: number } {
  return { events: events.map(withoutId), ...(before !== undefined && { before }) };
}
