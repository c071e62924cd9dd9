/** Page requests: pages of older messages, requested until the room answers. */
import { MAX_HISTORY } from "../protocol/limits.ts";
import type { ErrorLine, HistoryLine } from "../protocol/server-lines.ts";
import { type ChatError, chatError, closedError, retryDelay } from "./chat-error.ts";
import { type Deferred, deferred } from "./platform.ts";
import { messagesOf, type Timeline, type TimelineMessage } from "./timeline.ts";
import { gapAfter, knownBefore, pageStart } from "./timeline-pages.ts";

/**
 * PageTarget is the part of the log that a page is for: messages older than the known ones; a gap,
 * from its newer side; or known messages older than `before`, which may have changed unseen.
 */
export type PageTarget =
  | { readonly type: "earlier" }
  | { readonly type: "gap"; readonly after: number }
  | { readonly type: "refresh"; readonly before: number };

interface PageRequest extends Deferred<readonly TimelineMessage[]> {
  target: PageTarget;
  readonly limit: number;
  /** The `history` command that has no answer yet. */
  sent: { readonly id: string; readonly before: number; readonly at: number } | null;
  /** Not sent before this time, Unix ms: the room rate-limited it. */
  notBefore: number;
}

/** PageRequests sends `history` commands, again after a lost connection, until the room answers. */
export class PageRequests {
  readonly #newId: () => string;
  #requests: PageRequest[] = [];

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** Requests a page and returns its messages. A second request for the same target shares the first one's page. */
  add(target: PageTarget, limit: number): Promise<readonly TimelineMessage[]> {
    const known = this.#requests.find((request) => isSame(request.target, target));
    if (known !== undefined) return known.promise;
    const whole = Math.min(Math.max(Math.trunc(limit), 1), MAX_HISTORY);
    const waiting = deferred<readonly TimelineMessage[]>();
    this.#requests.push({ ...waiting, target, limit: whole, sent: null, notBefore: 0 });
    return waiting.promise;
  }

  /** Returns the lines that are due at `now`, Unix ms, and ends the requests that have nothing left to load. */
  takeLines(timeline: Timeline, now: number): string[] {
    const lines: string[] = [];
    for (const request of [...this.#requests]) {
      if (request.sent !== null || request.notBefore > now) continue;
      const before = beforeOf(request.target, timeline);
      if (before === null) {
        this.#done(request, []);
        continue;
      }
      const id = this.#newId();
      request.sent = { id, before, at: now };
      lines.push(JSON.stringify({ type: "history", id, before, limit: request.limit }));
    }
    return lines;
  }

  /** The room sent a page. Returns the seq before which the page ends, or `null` if it was not requested. */
  answered(line: HistoryLine): number | null {
    const request = this.#requests.find(({ sent }) => sent?.id === line.id);
    if (request === undefined || request.sent === null) return null;
    const { before } = request.sent;
    const start = pageStart(line);
    const messages = messagesOf(line.events);
    request.sent = null;
    if (request.target.type === "refresh") {
      // Next is the page before it. `before - 1` ends the loop even if the server repeats a page.
      request.target = { type: "refresh", before: Math.min(start, before - 1) };
    } else if (start === 0 || start >= before || messages.length > 0) {
      this.#done(request, messages);
    } // Else a newer server sent a page of unknown events only: the next page may have messages.
    return before;
  }

  /** The room rejected a command. Returns whether it was one of these requests. */
  rejected(id: string, error: ErrorLine, now: number): boolean {
    const request = this.#requests.find(({ sent }) => sent?.id === id);
    if (request === undefined) return false;
    request.sent = null;
    if (error.code === "rate_limited") {
      request.notBefore = now + retryDelay(error);
      return true;
    }
    this.#fail(request, chatError(error));
    return true;
  }

  /** The connection is lost: unanswered requests are sent again on the next one. */
  disconnected(): void {
    for (const request of this.#requests) {
      request.sent = null;
      request.notBefore = 0;
    }
  }

  /** Loads the known messages older than `before` again, from the newest on. */
  refresh(before: number): void {
    this.endRefresh();
    void this.add({ type: "refresh", before }, MAX_HISTORY);
  }

  /** Ends a refresh. */
  endRefresh(): void {
    for (const request of [...this.#requests]) if (request.target.type === "refresh") this.#done(request, []);
  }

  /** Rejects all requests: the client was closed. */
  close(): void {
    for (const request of [...this.#requests]) this.#fail(request, closedError());
  }

  /** When the oldest unanswered request was sent, Unix ms, or `null`. */
  get sentAt(): number | null {
    const times = this.#requests.flatMap(({ sent }) => sent?.at ?? []);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** When the next request is due, Unix ms, or `null`. */
  get dueAt(): number | null {
    const times = this.#requests.filter(({ sent }) => sent === null).map(({ notBefore }) => notBefore);
    return times.length === 0 ? null : Math.min(...times);
  }

  #done(request: PageRequest, messages: readonly TimelineMessage[]): void {
    this.#drop(request);
    request.resolve(messages);
  }

  /** Ends a request without a page. A refresh has no caller to reject. */
  #fail(request: PageRequest, error: ChatError): void {
    this.#drop(request);
    if (request.target.type !== "refresh") request.reject(error);
  }

  #drop(request: PageRequest): void {
    this.#requests = this.#requests.filter((each) => each !== request);
  }
}

function isSame(a: PageTarget, b: PageTarget): boolean {
  return a.type === "gap" ? b.type === "gap" && a.after === b.after : a.type === b.type;
}

/** Whether the timeline has nothing left to load for a target. */
export function isLoaded(target: PageTarget, timeline: Timeline): boolean {
  return beforeOf(target, timeline) === null;
}

/** Returns the seq before which the page must end, or `null` if nothing is left to load. */
function beforeOf(target: PageTarget, timeline: Timeline): number | null {
  switch (target.type) {
    case "earlier":
      return timeline.more ? timeline.start : null;
    case "gap":
      return gapAfter(timeline, target.after)?.before ?? null;
    case "refresh":
      return knownBefore(timeline, target.before);
  }
}
