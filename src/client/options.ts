/** Options of a client, and the platform's defaults for those that are left out. */
import { KEY_PATTERN } from "../protocol/fields.ts";
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

/** ChatClientOptions are the options of a client; only `url` is required. */
export interface ChatClientOptions {
  /** URL of the room's socket, `wss://chat.example/ws/demo`; `http` and `https` become `ws` and `wss`. */
  url: string;
  /** Display name; default: the room's choice, `guest-xxxx`. */
  name?: string;
  /**
   * Secret that identifies the user: 22 to 128 characters of `A-Z a-z 0-9 _ -` that hold 128 random
   * bits or more. Default: a new one, and so a new user.
   */
  key?: string;
  /** Messages to load on joining, 0 to 100; default 50. */
  history?: number;
  /** Keeps the outbox over a reload; default: the outbox is in memory only. */
  storage?: OutboxStorage;
  /** Default: the platform's WebSocket. */
  webSocket?: WebSocketConstructor;
  /** Default: the platform's clock and timers. */
  clock?: Clock;
  /** Returns a number from 0 to 1, which spreads reconnects; default: `Math.random`. */
  random?: () => number;
  /** Returns a new id of a command: 1 to 64 characters of `A-Z a-z 0-9 _ -`, never the same twice. */
  newId?: () => string;
  /** Dispatches `online` and `visibilitychange`; default: the window in a browser. */
  wake?: EventTargetLike | null;
}

/** Throws a TypeError for options that every room would reject. */
export function checkOptions({ key, history }: ChatClientOptions): void {
  if (key !== undefined && !KEY_PATTERN.test(key)) {
    throw new TypeError("key must be 22 to 128 characters of A-Z a-z 0-9 _ -");
  }
  if (history !== undefined && !(Number.isInteger(history) && history >= 0 && history <= MAX_HISTORY)) {
    throw new TypeError(`history must be a whole number from 0 to ${MAX_HISTORY}`);
  }
}

/** Returns the parts of the platform that the client uses: from the options, or the platform's own. */
export function platformOf(options: ChatClientOptions) {
  return {
    webSocket: options.webSocket ?? systemWebSocket(),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    newId: options.newId ?? randomToken,
    wake: options.wake === undefined ? systemWake() : options.wake,
  };
}
