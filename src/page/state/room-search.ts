/** The search of a room: what is in the field, and what was found. */
import { computed, signal } from "@preact/signals";
import type { TimelineMessage } from "../../client/index.ts";
import type { RoomEvent } from "../../protocol/events.ts";
import { type QueryError, readQuery } from "../text/search-query.ts";
import type { OpenRoom } from "./open-room.ts";

/** Time without typing after which the search starts, ms. */
const TYPING_MS = 250;
/** Messages requested at a time. */
const PAGE = 20;

/** Found is what a query has found so far. */
export interface Found {
  /** The query as it was sent. */
  readonly q: string;
  /** Newest first. */
  readonly messages: readonly TimelineMessage[];
  /** Seq before which to go on; `null`: the whole log was searched. */
  readonly before: number | null;
  readonly words: readonly string[];
  readonly from: string;
}

export type SearchStatus =
  | { readonly type: "idle" | "searching" | "searching-more" | "done" | "failed" | "stopped" }
  | { readonly type: "error"; readonly error: QueryError };

/** RoomSearch is the search of one room. It keeps its results while its panel is closed. */
export class RoomSearch {
  readonly text = signal("");
  readonly status = signal<SearchStatus>({ type: "idle" });
  readonly found = computed(() => this.#shown());
  /** Index of the result that Enter leads to. */
  readonly chosen = signal(0);
  readonly isBusy = computed(
    () => this.status.value.type === "searching" || this.status.value.type === "searching-more",
  );
  readonly #room: OpenRoom;
  readonly #found = signal<Found | null>(null);
  #request = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(room: OpenRoom) {
    this.#room = room;
    room.onEvent((event) => this.#update(event));
  }

  /** Sets the text of the field. The search starts once the user stops typing. */
  type(text: string): void {
    this.text.value = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.start(), text.trim() === "" ? 0 : TYPING_MS);
  }

  /** Waits with the search while an input method composes a text. */
  wait(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The search for the text of the field has not started yet. */
  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  /** Searches for the text of the field, in place of the search before. */
  async start(): Promise<void> {
    this.wait();
    this.#request.abort();
    const query = readQuery(this.text.peek());
    if (query.type !== "query") {
      this.#found.value = null;
      this.status.value = query.type === "empty" ? { type: "idle" } : query;
      return;
    }
    this.status.value = { type: "searching" };
    const { q, words, from } = query;
    await this.#search(q, undefined, ({ messages, before }) => {
      this.chosen.value = 0;
      this.#found.value = { q, messages, before, words, from };
    });
  }

  /** Goes on with the search in older messages. */
  async more(): Promise<void> {
    const found = this.#found.peek();
    if (found === null || found.before === null || this.isBusy.peek()) return;
    this.status.value = { type: "searching-more" };
    await this.#search(found.q, found.before, ({ messages, before }) => {
      const known = this.#found.peek()?.messages ?? [];
      this.#found.value = { ...found, messages: [...known, ...messages], before };
    });
  }

  /** Does again what has failed. */
  retry(): Promise<void> {
    return this.#found.peek() === null ? this.start() : this.more();
  }

  /** Stops what is under way. */
  stop(): void {
    if (this.isWaiting || this.isBusy.peek()) this.status.value = { type: "stopped" };
    this.wait();
    this.#request.abort();
  }

  /** Goes on after `stop`. */
  resume(): void {
    if (this.status.peek().type === "stopped") void this.start();
  }

  async #search(
    q: string,
    before: number | undefined,
    take: (page: Pick<Found, "messages" | "before">) => void,
  ): Promise<void> {
    this.#request = new AbortController();
    const { signal } = this.#request;
    try {
      const page = await this.#room.client.search(q, { before, limit: PAGE, signal });
      if (signal.aborted) return;
      take(page);
      this.status.value = { type: "done" };
    } catch {
      if (!signal.aborted) this.status.value = { type: "failed" };
    }
  }

  /** What was found, without messages that the user deletes, each as it is now. */
  #shown(): Found | null {
    const found = this.#found.value;
    const deleted = this.#room.deletions.hidden.value;
    return found && { ...found, messages: found.messages.filter(({ seq }) => !deleted.has(seq)) };
  }

  #update(event: RoomEvent): void {
    const found = this.#found.peek();
    if (found === null) return;
    const { messages } = found;
    if (event.type === "delete") {
      this.#found.value = { ...found, messages: messages.filter(({ seq }) => seq !== event.target) };
    } else if (event.type === "edit") {
      const edited = messages.map((message) =>
        message.seq === event.target ? { ...message, text: event.text, edited: event.at } : message,
      );
      this.#found.value = { ...found, messages: edited };
    } else if (event.type === "wipe") {
      this.#found.value = { ...found, messages: [], before: null };
    }
  }
}

const searches = new WeakMap<OpenRoom, RoomSearch>();

/** Returns the search of `room`, the same one each time. */
export function searchOf(room: OpenRoom): RoomSearch {
  const search = searches.get(room) ?? new RoomSearch(room);
  searches.set(room, search);
  return search;
}
