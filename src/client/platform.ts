/**
 * Platform: the parts of a runtime that the client uses, as small interfaces. Browsers, Node and
 * Workers provide them, and a test can replace them.
 */

/** SocketEvent is what the client reads from a socket's events: `data` of a message, the rest of a close. */
export interface SocketEvent {
  readonly type?: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}

/** WebSocketLike is the part of the standard WebSocket that the client uses. */
export interface WebSocketLike {
  addEventListener(
    type: "open" | "message" | "close" | "error",
    listener: (event: SocketEvent) => void,
  ): void;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** Clock gives the time, Unix ms, and runs timers. */
export interface Clock {
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** EventTargetLike dispatches `online` and `visibilitychange`: a browser's window. */
export interface EventTargetLike {
  addEventListener(type: "online" | "visibilitychange", listener: () => void): void;
  removeEventListener(type: "online" | "visibilitychange", listener: () => void): void;
  readonly document?: { readonly visibilityState: string };
}

/** AbortSignalLike is the part of the standard AbortSignal that the client uses. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** FetchLike is the part of the standard `fetch` that the client uses. */
export type FetchLike = (
  url: string,
  // Workers know no `mode`, so a type with that field would not fit their `fetch`.
  init?: object,
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}>;

/** BlobLike is the part of the standard Blob, or File, that the client uses. */
export interface BlobLike {
  readonly size: number;
  readonly type: string;
  /** Of a File. */
  readonly name?: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** XhrConstructor is the part of the standard XMLHttpRequest that the client uses. */
export type XhrConstructor = new () => {
  readonly status: number;
  readonly responseText: string;
  readonly upload: {
    addEventListener(
      type: "progress",
      listener: (event: { readonly loaded: number; readonly total: number }) => void,
    ): void;
  };
  addEventListener(type: "load" | "error" | "timeout", listener: () => void): void;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getResponseHeader(name: string): string | null;
  send(body: unknown): void;
  abort(): void;
};

/**
 * OutboxStorage keeps one string between runs of the program. Both methods are synchronous, so that
 * a page that is closed loses nothing that its user sent; `localStorage` fits. Two clients that run
 * at the same time need a storage each, or one overwrites what the other saved.
 */
export interface OutboxStorage {
  /** Returns the string that was saved last, or `null` if there is none. */
  load(): string | null;
  /** Saves a string in place of the last one; `null` removes it, because the outbox is empty. */
  save(value: string | null): void;
}

// The globals of the three platforms, no more of each than is used; not every platform has them all.
declare const WebSocket: WebSocketConstructor | undefined;
declare const window: EventTargetLike | undefined;
declare const URL: new (url: string, base?: string) => UrlParts;
declare const location: { readonly href: string } | undefined;
declare const fetch: FetchLike | undefined;
declare const XMLHttpRequest: XhrConstructor | undefined;
declare const crypto: { getRandomValues(bytes: Uint8Array<ArrayBuffer>): unknown };
declare function setTimeout(callback: () => void, ms: number): unknown;
declare function clearTimeout(handle: unknown): void;
declare function queueMicrotask(callback: () => void): void;

/** The platform's own clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => clearTimeout(handle),
};

/** Returns the platform's own WebSocket. Throws a TypeError if there is none. */
export function systemWebSocket(): WebSocketConstructor {
  if (typeof WebSocket === "undefined") {
    throw new TypeError("this platform has no WebSocket: pass one as the option `webSocket`");
  }
  return WebSocket;
}

/** Returns a browser's window, or `null`: other platforms have no events for the network and the tab. */
export function systemWake(): EventTargetLike | null {
  return typeof window === "undefined" || window.document === undefined ? null : window;
}

/** Returns the platform's own `fetch`, or `null` if there is none. */
export function systemFetch(): FetchLike | null {
  // Called as a function of its own: browsers reject any other `this`.
  return typeof fetch === "undefined" ? null : (url, init) => fetch(url, init);
}

/** Returns a browser's XMLHttpRequest, or `undefined` on other platforms. */
export function systemXhr(): XhrConstructor | undefined {
  return typeof XMLHttpRequest === "undefined" ? undefined : XMLHttpRequest;
}

/** UrlParts is the part of the standard URL that the client uses. */
export interface UrlParts {
  readonly href: string;
  readonly protocol: string;
  readonly pathname: string;
  readonly hash: string;
}

/** Parses a URL; in a browser, it may be relative to the page. Returns `null` if it is invalid. */
export function parseUrl(text: string): UrlParts | null {
  try {
    return new URL(text, typeof location === "undefined" ? undefined : location.href);
  } catch {
    return null;
  }
}

/** Returns a token of 128 random bits, good as the id of a command and as a key. */
export function randomToken(): string {
  const bytes = new Uint8Array(16);
  crypto.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reports an error that no caller can receive as an uncaught one, after the current task. */
export function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Deferred is a promise with the functions that settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** Returns a new Deferred. Node 20 lacks `Promise.withResolvers`. */
export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** Alarm is one timer. It calls back once, at the time that was set last. */
export class Alarm {
  readonly #clock: Clock;
  readonly #callback: () => void;
  #timer: unknown = null;
  #at: number | null = null;

  constructor(clock: Clock, callback: () => void) {
    this.#clock = clock;
    this.#callback = callback;
  }

  /** When it calls back, Unix ms, or `null` if it is not set. */
  get at(): number | null {
    return this.#at;
  }

  /** Sets it to `at`, Unix ms, instead of the time before; `null` clears it. */
  set(at: number | null): void {
    if (at === this.#at) return;
    this.#clock.clearTimeout(this.#timer);
    this.#at = at;
    if (at === null) return;
    const ring = () => {
      this.#at = null;
      this.#callback();
    };
    this.#timer = this.#clock.setTimeout(ring, Math.max(0, at - this.#clock.now()));
  }
}
