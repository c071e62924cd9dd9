/**
 * Platform: what the client needs of wherever it runs, as small interfaces that browsers, Node and
 * Workers fulfil and that a test can fake.
 */

/** SocketEvent is what the client reads of a socket's events: `data` of a message, the rest of a close. */
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

/** Clock tells the time, Unix ms, and calls back later. */
export interface Clock {
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** EventTargetLike is where `online` and `visibilitychange` are heard: a browser's window. */
export interface EventTargetLike {
  addEventListener(type: "online" | "visibilitychange", listener: () => void): void;
  removeEventListener(type: "online" | "visibilitychange", listener: () => void): void;
  readonly document?: { readonly visibilityState: string };
}

/**
 * OutboxStorage keeps one text. It is synchronous, so that nothing typed is lost when a page goes
 * away; localStorage fits. Two clients at once must not share one: the last to save would win.
 */
export interface OutboxStorage {
  load(): string | null;
  save(value: string): void;
}

// The globals of the three platforms, no more of each than is used; some of them lack some.
declare const WebSocket: WebSocketConstructor | undefined;
declare const window: EventTargetLike | undefined;
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

/** The platform's own WebSocket. Throws a TypeError where there is none. */
export function systemWebSocket(): WebSocketConstructor {
  if (typeof WebSocket === "undefined") throw new TypeError("no WebSocket here: hand one in as `webSocket`");
  return WebSocket;
}

/** A browser's window; elsewhere nobody tells when the network or the reader is back. */
export function systemWake(): EventTargetLike | null {
  return typeof window === "undefined" || window.document === undefined ? null : window;
}

/** A fresh token of 128 random bits, which serves as a command's id and as a key. */
export function randomToken(): string {
  const bytes = new Uint8Array(16);
  crypto.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reports an error that nobody else will see, as an uncaught one, without stopping what runs now. */
export function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
