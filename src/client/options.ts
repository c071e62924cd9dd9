/** Options of a client, and the platform's defaults for those that are left out. */
import type * as v from "valibot";
import { KEY_PATTERN } from "../protocol/fields.ts";
import { MAX_HISTORY } from "../protocol/limits.ts";
import type { ClaimRequest } from "../protocol/notices.ts";
import { canonicalRoomName } from "../protocol/room-name.ts";
import {
  type AbortSignalLike,
  type Clock,
  type EventTargetLike,
  type FetchLike,
  type OutboxStorage,
  parseUrl,
  randomToken,
  systemClock,
  systemFetch,
  systemWake,
  systemWebSocket,
  type WebSocketConstructor,
} from "./platform.ts";
import type { LogPosition } from "./state.ts";

/** ChatClientOptions are the options of a client; only `url` is required. */
export interface ChatClientOptions {
  /**
   * URL of the room's socket, `wss://chat.example/ws/demo`. `http` and `https` become `ws` and `wss`.
   * In a browser it may be relative to the page: `/ws/demo`.
   */
  url: string;
  /** Display name; default: the room's choice, `guest-xxxx`. */
  name?: string;
  /**
   * Secret that identifies the user: 22 to 128 characters of `A-Z a-z 0-9 _ -` that hold 128 random
   * bits or more. Default: a new one, and so a new user.
   */
  key?: string;
  /** Secret of the room's owner, from `newOwnerSecret` or an owner link: makes the user an owner. */
  owner?: string;
  /** Creates the room, with this user and `owner` as its owner; the room must be unused. */
  claim?: v.InferInput<typeof ClaimRequest>;
  /** Proof of the room's password, from `passwordProof`. */
  password?: string;
  /** Messages to load on joining, 0 to 100; default 50. */
  history?: number;
  /** Position to resume from, as `client.position` had it before a restart; default: none. */
  resume?: LogPosition;
  /** Keeps the outbox over a reload; default: the outbox is in memory only. */
  storage?: OutboxStorage;
  /**
   * `maxItems`: items of `state.timeline` above which the oldest are removed, default 20,000. `0` keeps
   * no messages, for a program that only uses events.
   */
  timeline?: { maxItems?: number };
  /** Whether a failed command stays in `state.outbox` until `retry` or `discard`; default `true`. */
  keepFailed?: boolean;
  /** Failed attempts to connect in a row after which the client closes; default: no limit. */
  maxAttempts?: number;
  /** Default: the platform's WebSocket. */
  webSocket?: WebSocketConstructor;
  /**
   * Used by `events`, for files, and to find out why the first connection fails. Default: the platform's
   * `fetch`; `null`: none, except for files.
   */
  fetch?: FetchLike | null;
  /** Default: the platform's clock and timers. */
  clock?: Clock;
  /** Returns a number from 0 to 1, which spreads reconnects; default: `Math.random`. */
  random?: () => number;
  /** Returns a new id of a command: 1 to 64 characters of `A-Z a-z 0-9 _ -`, never the same twice. */
  newId?: () => string;
  /** Dispatches `online` and `visibilitychange`; default: the window in a browser. */
  wake?: EventTargetLike | null;
}

/** CallOptions are options of the calls that return a promise. */
export interface CallOptions {
  /** Rejects the promise with the signal's reason. A command that was not sent yet is discarded. */
  readonly signal?: AbortSignalLike | undefined;
}

/** PageOptions are options of the calls that load messages. */
export interface PageOptions extends CallOptions {
  /** Messages to load, 1 to 100; default: the option `history`, or 50. */
  readonly limit?: number;
}

/** SearchOptions are the options of a search. */
export interface SearchOptions extends CallOptions {
  /** Seq before which to search; default: the whole log. */
  readonly before?: number | undefined;
  /** Messages to find, 1 to 50; default 20. */
  readonly limit?: number | undefined;
}

/** FollowLogOptions are the options of `events`. */
export interface FollowLogOptions extends CallOptions {
  /** Position after which to start: `{ seq: 0 }` is everything that the room keeps. Default: now. */
  readonly after?: { readonly epoch?: string; readonly seq: number } | undefined;
}

/** EntryOptions are the fields of a `hello` for a room with an owner. */
export interface EntryOptions {
  /** Secret of the room's owner. */
  owner?: string | undefined;
  /** Creates the room with this user as its owner. */
  claim?: v.InferInput<typeof ClaimRequest> | undefined;
  /** Proof of the room's password. */
  password?: string | undefined;
}

const DEFAULT_MAX_ITEMS = 20_000;
/** 32 bytes as base64url. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** Returns the options with defaults filled in. Throws a TypeError for options that cannot work. */
export function completeOptions(options: ChatClientOptions) {
  const { key, history, resume, timeline, keepFailed = true, maxAttempts } = options;
  const { owner, claim, password } = options;
  const maxItems = timeline?.maxItems ?? DEFAULT_MAX_ITEMS;
  check(key === undefined || KEY_PATTERN.test(key), "key must be 22 to 128 characters of A-Z a-z 0-9 _ -");
  check(
    history === undefined || (isCount(history) && history <= MAX_HISTORY),
    `history must be a whole number from 0 to ${MAX_HISTORY}`,
  );
  check(
    resume === undefined || (typeof resume.epoch === "string" && isCount(resume.seq)),
    "resume must have an epoch and a seq, as `position` of an earlier client",
  );
  check(isCount(maxItems), "timeline.maxItems must be a whole number, 0 or more");
  check(
    maxAttempts === undefined || (isCount(maxAttempts) && maxAttempts > 0),
    "maxAttempts must be a whole number, 1 or more",
  );
  if (owner !== undefined) checkSecret(owner, "owner");
  if (password !== undefined) checkSecret(password, "password, the proof of a password,");
  check(claim === undefined || owner !== undefined, "claim needs the option owner");
  return {
    entry: { owner, claim, password },
    ...{ name: options.name, storage: options.storage },
    ...{ key, history, resume, maxItems, keepFailed, maxAttempts: maxAttempts ?? Number.POSITIVE_INFINITY },
    url: socketUrl(options.url),
    webSocket: options.webSocket ?? systemWebSocket(),
    fetch: options.fetch === undefined ? systemFetch() : options.fetch,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    newId: options.newId ?? randomToken,
    wake: options.wake === undefined ? systemWake() : options.wake,
  };
}

/** Returns the URL of the socket. Throws a TypeError if it cannot be one. */
function socketUrl(text: string): string {
  const example = "the URL of a room's socket, such as wss://chat.example/ws/demo";
  const url = parseUrl(text);
  if (url === null) throw new TypeError(`url must be ${example}; it is ${JSON.stringify(text)}`);
  check(/^(?:ws|http)s?:$/.test(url.protocol), `url must be ${example}; it has the scheme ${url.protocol}`);
  check(url.hash === "", `url must be ${example}; it has the fragment ${url.hash}`);
  const room = /\/ws\/([^/]+)$/.exec(url.pathname)?.[1];
  check(
    room === undefined || canonicalRoomName(room) !== null,
    `url must be ${example}; "${room}" cannot be the name of a room: 1 to 64 letters, numbers, - and _`,
  );
  return url.href.replace(/^http/, "ws");
}

/** Throws a TypeError if `secret` is not 32 bytes as base64url. */
export function checkSecret(secret: string, what: string): void {
  check(SECRET.test(secret), `${what} must be 43 characters of A-Z a-z 0-9 _ -`);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new TypeError(message);
}
