/** Search requests: searches of the room's messages, sent until the room answers. */
import type { ErrorLine, FoundLine } from "../protocol/server-lines.ts";
import { type ChatError, chatError, closedError, retryDelay } from "./chat-error.ts";
import { type Deferred, deferred } from "./platform.ts";
import { messagesOf, type TimelineMessage } from "./timeline.ts";

/** FoundMessages is a page of matching messages, newest first. */
export interface FoundMessages {
  readonly messages: readonly TimelineMessage[];
  /** Seq before which to go on; `null`: the whole log was searched. */
  readonly before: number | null;
}

/** Search has the fields of a `search` command. */
export interface Search {
  readonly q: string;
  readonly before: number | undefined;
  readonly limit: number | undefined;
}

interface SearchRequest extends Deferred<FoundMessages> {
  readonly search: Search;
  /** The command that has no answer yet. */
  sent: { readonly id: string; readonly at: number } | null;
  /** Not sent before this time, Unix ms: the room rate-limited it. */
  notBefore: number;
}

export class SearchRequests {
  readonly #newId: () => string;
  #requests: SearchRequest[] = [];

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  add(search: Search): Promise<FoundMessages> {
    const waiting = deferred<FoundMessages>();
    this.#requests.push({ ...waiting, search, sent: null, notBefore: 0 });
    return waiting.promise;
  }

  /** Removes a search whose caller has aborted it. */
  drop(search: Search): void {
    this.#requests = this.#requests.filter((request) => request.search !== search);
  }

  /** Returns the lines that are due at `now`, Unix ms. */
  takeLines(now: number): string[] {
    const due = this.#requests.filter(({ sent, notBefore }) => sent === null && notBefore <= now);
    return due.map((request) => {
      const id = this.#newId();
      request.sent = { id, at: now };
      // JSON leaves out undefined fields.
      return JSON.stringify({ type: "search", id, ...request.search });
    });
  }

  answered({ id, events, before }: FoundLine): void {
    const request = this.#take(id);
    request?.resolve({ messages: messagesOf(events), before: before ?? null });
  }

  /** The room rejected a command. Returns whether it was one of these requests. */
  rejected(id: string, error: ErrorLine, now: number): boolean {
    const request = this.#requests.find(({ sent }) => sent?.id === id);
    if (request === undefined) return false;
    if (error.code === "rate_limited") {
      request.sent = null;
      request.notBefore = now + retryDelay(error);
    } else {
      this.#take(id)?.reject(chatError(error));
    }
    return true;
  }

  /** The connection is lost: unanswered searches are sent again on the next one. */
  disconnected(): void {
    for (const request of this.#requests) {
      request.sent = null;
      request.notBefore = 0;
    }
  }

  /** Rejects all searches: the client was closed. */
  close(): void {
    const error: ChatError = closedError();
    for (const { reject } of this.#requests.splice(0)) reject(error);
  }

  /** When the next search is due, Unix ms, or `null`. */
  get dueAt(): number | null {
    const times = this.#requests.filter(({ sent }) => sent === null).map(({ notBefore }) => notBefore);
    return times.length === 0 ? null : Math.min(...times);
  }

  #take(id: string): SearchRequest | undefined {
    const request = this.#requests.find(({ sent }) => sent?.id === id);
    this.#requests = this.#requests.filter((each) => each !== request);
    return request;
  }
}
