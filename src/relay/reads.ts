/** Reads: pages of history and searches, which the room answers. */
import { accept, type Result, reject } from "../protocol/index.ts";
import type { RoomCalls } from "../room/feed.ts";
import type { HistoryPage } from "../room/log-reader.ts";
import type { Search } from "../room/searches.ts";

/** Error of a call that needs a room which cannot be reached. */
const ROOM_AWAY: Result<never> = reject(
  "rate_limited",
  "the room is not available: try again in a second",
  1_000,
);

export class Reads {
  readonly #calls: Pick<RoomCalls, "history" | "search">;
  /** Called after each answer. */
  readonly #onChange: () => void;
  readonly #pages = new Map<string, Promise<HistoryPage>>();

  constructor(calls: Pick<RoomCalls, "history" | "search">, onChange: () => void) {
    this.#calls = calls;
    this.#onChange = onChange;
  }

  /** Reads a page, once for all connections that ask for the same page at the same time. */
  async history(seq: number, limit: number, onPage: (page: Result<HistoryPage>) => void): Promise<void> {
    const key = `${seq} ${limit}`;
    const page = this.#pages.get(key) ?? this.#calls.history(seq, limit);
    this.#pages.set(key, page);
    const result = await page.then(accept).catch(() => ROOM_AWAY);
    if (this.#pages.get(key) === page) this.#pages.delete(key);
    onPage(result);
    this.#onChange();
  }

  async search({ query, before, limit, isWanted, onResult }: Search): Promise<void> {
    const answer = await this.#calls.search({ query, before, limit }).catch(() => null);
    if (!isWanted()) return;
    onResult(answer?.result ?? ROOM_AWAY, answer?.looked ?? 0);
    this.#onChange();
  }
}
