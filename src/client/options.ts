/** Options: what a client is made of, and what stands in for what is left out. */
import { MAX_HISTORY } from "../protocol/limits.ts";
import {
  type Clock,
  type EventTargetLike,
  type OutboxStorage,
  randomToken,
  systemClock,
  systemWake,
  systemWebSocket,
  type WebSocketConstructor,
} from "./platform.ts";

/** ChatClientOptions is what a client is made of; all but the address may be left out. */
export interface ChatClientOptions {
  /** Address of the room's socket, `wss://chat.example/ws/demo`; `http` and `https` stand for `ws` and `wss`. */
  url: string;
  /** Name to be shown under. */
  name?: string;
  /**
   * Secret that makes one the same person again: 22 to 128 characters of `[A-Za-z0-9_-]`, 128 bits
   * or more. Without it, one is somebody new.
   */
  key?: string;
  /** Messages to begin with, 0 to 100; default 50. */
  history?: number;
  /** Where the outbox survives a reload. */
  storage?: OutboxStorage;
  webSocket?: WebSocketConstructor;
  clock?: Clock;
  /** A number from 0 to 1, which spreads reconnecting. */
  random?: () => number;
  /** Fresh ids of commands: 1 to 64 characters of `[A-Za-z0-9_-]`, never the same twice. */
  newId?: () => string;
  /** Where `online` and `visibilitychange` are heard; default: the window in a browser. */
  wake?: EventTargetLike | null;
}

/** A key as the room takes it. */
export const KEY = /^[A-Za-z0-9_-]{22,128}$/;

/** Throws a TypeError for options that no room would take: it would refuse each connection anew. */
export function checkOptions({ key, history }: ChatClientOptions): void {
  if (key !== undefined && !KEY.test(key)) {
    throw new TypeError("key must be 22 to 128 characters of A-Z a-z 0-9 _ -");
  }
  if (history !== undefined && !(Number.isInteger(history) && history >= 0 && history <= MAX_HISTORY)) {
    throw new TypeError(`history must be a whole number from 0 to ${MAX_HISTORY}`);
  }
}

/** What of the platform a client uses: what was handed in, else what is there. */
export function platformOf(options: ChatClientOptions) {
  return {
    webSocket: options.webSocket ?? systemWebSocket(),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    newId: options.newId ?? randomToken,
    wake: options.wake === undefined ? systemWake() : options.wake,
  };
}
