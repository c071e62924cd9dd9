/** History: the pages of older messages that are asked for, until the room has answered. */

import { MAX_HISTORY } from "../protocol/limits.ts";
import type { ErrorLine, HistoryLine } from "../protocol/server-lines.ts";
import { retryDelay } from "./backoff.ts";
import { type ChatError, chatError, closedError } from "./chat-error.ts";
import { gapAfter, insertPage, knownBefore, oldestSeq, pageStart, type Timeline } from "./timeline.ts";

/**
 * What a page is wanted for: older messages than any known; a gap, from its newer side; or a new
 * look at the known messages older than `before`, which may have changed unseen.
 */
export type Want =
  | { readonly type: "earlier" }
  | { readonly type: "gap"; readonly after: number }
  | { readonly type: "refresh"; readonly before: number };

interface Request extends PromiseWithResolvers<void> {
  want: Want;
  readonly limit: number;
  /** The request on its way, if there is one. */
  sent: { readonly id: string; readonly before: number; readonly at: number } | null;
  /** It waits for this, Unix ms, after a rate limit. */
  notBefore: number;
}

/** HistoryRequests asks for pages, again after a lost connection, and puts them into the timeline. */
export class HistoryRequests {
  readonly #newId: () => string;
  #requests: Request[] = [];

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** Wants a page; the same that is wanted already is not wanted twice. */
  add(want: Want, limit: number): Promise<void> {
    const known = this.#requests.find((request) => isSame(request.want, want));
    if (known !== undefined) return known.promise;
    const whole = Math.min(Math.max(Math.trunc(limit), 1), MAX_HISTORY);
    const waiting = Promise.withResolvers<void>();
    this.#requests.push({ ...waiting, want, limit: whole, sent: null, notBefore: 0 });
    return waiting.promise;
  }

  /** Lines of the requests that are due; what has nothing left to ask for is done. `now` is Unix ms. */
  takeLines(timeline: Timeline, now: number): string[] {
    const lines: string[] = [];
    for (const request of [...this.#requests]) {
      if (request.sent !== null || request.notBefore > now) continue;
      const before = beforeOf(request.want, timeline);
      if (before === null) {
        this.#done(request);
        continue;
      }
      const id = this.#newId();
      request.sent = { id, before, at: now };
      lines.push(JSON.stringify({ type: "history", id, before, limit: request.limit }));
    }
    return lines;
  }

  /** Takes in a page. */
  answered(line: HistoryLine, timeline: Timeline): Timeline {
    const request = this.#requests.find(({ sent }) => sent?.id === line.id);
    if (request === undefined || request.sent === null) return timeline;
    const { before } = request.sent;
    const next = insertPage(timeline, before, line);
    if (request.want.type === "refresh") {
      // On to the page before it, until nothing older is known; a server that tells nothing is let be.
      request.want = { type: "refresh", before: Math.min(pageStart(line), before - 1) };
      request.sent = null;
    } else {
      this.#done(request);
    }
    return next;
  }

  /** The room refused a request. Returns whether it was one of these. */
  refused(id: string, error: ErrorLine, now: number): boolean {
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

  /** The connection is gone: what it owed is asked for again on the next. */
  disconnected(): void {
    for (const request of this.#requests) {
      request.sent = null;
      request.notBefore = 0;
    }
  }

  /** Looks again, and from the beginning, at the known messages older than `before`. */
  refresh(before: number): void {
    this.endRefresh();
    void this.add({ type: "refresh", before }, MAX_HISTORY);
  }

  /** Ends the looking again at what is known. */
  endRefresh(): void {
    for (const request of [...this.#requests]) if (request.want.type === "refresh") this.#done(request);
  }

  /** Rejects everything: nobody is going to answer. */
  close(): void {
    for (const request of [...this.#requests]) this.#fail(request, closedError());
  }

  /** When the oldest request on its way left, Unix ms, or `null`. */
  get sentAt(): number | null {
    const times = this.#requests.flatMap(({ sent }) => sent?.at ?? []);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** When the next request may leave, Unix ms, or `null`. */
  get dueAt(): number | null {
    const times = this.#requests.filter(({ sent }) => sent === null).map(({ notBefore }) => notBefore);
    return times.length === 0 ? null : Math.min(...times);
  }

  #done(request: Request): void {
    this.#drop(request);
    request.resolve();
  }

  /** Ends a request in vain. Nobody waits for a new look at what is known. */
  #fail(request: Request, error: ChatError): void {
    this.#drop(request);
    if (request.want.type !== "refresh") request.reject(error);
  }

  #drop(request: Request): void {
    this.#requests = this.#requests.filter((each) => each !== request);
  }
}

function isSame(a: Want, b: Want): boolean {
  return a.type === "gap" ? b.type === "gap" && a.after === b.after : a.type === b.type;
}

/** Seq before which the page is to end, or `null` where nothing is left to ask for. */
function beforeOf(want: Want, timeline: Timeline): number | null {
  switch (want.type) {
    case "earlier":
      return timeline.more ? oldestSeq(timeline) : null;
    case "gap":
      return gapAfter(timeline, want.after)?.before ?? null;
    case "refresh":
      return knownBefore(timeline, want.before);
  }
}
