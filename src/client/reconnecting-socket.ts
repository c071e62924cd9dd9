/** Reconnecting socket: one WebSocket at a time, replaced whenever it is lost. */
import { mayReconnect } from "../protocol/close-code.ts";
import { SUBPROTOCOL } from "../protocol/frame.ts";
import { Heartbeat } from "./heartbeat.ts";
import {
  Alarm,
  type Clock,
  type EventTargetLike,
  type SocketEvent,
  type WebSocketConstructor,
  type WebSocketLike,
} from "./platform.ts";

/** A socket that stays open this long after its `welcome` resets the back-off. */
const STABLE_MS = 10_000;
/** Upper bound of the first wait; each failed attempt doubles it. */
export const BACKOFF_BASE_MS = 500;
/** The bound grows no further than this. */
export const BACKOFF_MAX_MS = 20_000;
/** Close code that the client sends when it abandons a socket; it reconnects after it. */
const ABANDONED = 4000;
export const NORMAL_CLOSURE = 1000;
export const ABNORMAL_CLOSURE = 1006;

/** Status is the state of the connection. */
export interface Status {
  readonly connection: "idle" | "connecting" | "online" | "waiting" | "closed";
  /** When the next attempt starts, by the client's clock; only while `waiting`. */
  readonly retryAt?: number;
  /** Close code of the last socket that closed. */
  readonly closeCode?: number;
}

/** Closing is how a socket ended. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
  readonly willReconnect: boolean;
}

export interface SocketOptions {
  readonly url: string;
  readonly webSocket: WebSocketConstructor;
  readonly clock: Clock;
  readonly random: () => number;
  readonly wake: EventTargetLike | null;
  /** Failed attempts in a row after which it does not reconnect. */
  readonly maxAttempts: number;
}

/** SocketOwner is the user of a ReconnectingSocket. */
export interface SocketOwner {
  /** Returns the first line of a new socket. */
  hello(): string;
  received(frame: string): void;
  /** `status` changed, and no socket closed. */
  changed(): void;
  /** A socket closed. `failedAttempts` counts those without `welcome` in a row; 0 if it had one. */
  closed(closing: Closing, failedAttempts: number): void;
  /** Whether the room has not answered a request for too long. */
  isOverdue(): boolean;
}

/** ReconnectingSocket opens a socket to the room, closes a dead one, and waits before it opens the next. */
export class ReconnectingSocket {
  readonly #options: SocketOptions;
  readonly #owner: SocketOwner;
  readonly #heartbeat: Heartbeat;
  readonly #retry: Alarm;
  #status: Status = { connection: "idle" };
  #socket: WebSocketLike | null = null;
  /** Attempts that failed, and short connections, since the connection was last stable. */
  #backoffStep = 0;
  /** Attempts without a `welcome` in a row. */
  #failedAttempts = 0;
  #onlineSince = 0;

  constructor(options: SocketOptions, owner: SocketOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#heartbeat = new Heartbeat(options.clock, {
      send: (frame) => this.send(frame),
      fail: (reason) => this.fail(reason),
      isOverdue: () => owner.isOverdue(),
    });
    this.#retry = new Alarm(options.clock, () => this.#connect());
  }

  get status(): Status {
    return this.#status;
  }

  /** Whether there is a socket, open or being opened. */
  get isLive(): boolean {
    return this.#socket !== null;
  }

  get isOnline(): boolean {
    return this.#status.connection === "online";
  }

  /** Starts to connect, unless it is connecting or connected already. */
  open(): void {
    if (!this.#isStopped) return;
    this.#backoffStep = 0;
    this.#failedAttempts = 0;
    this.#connect();
  }

  /** Closes the socket and does not reconnect, until `open`. `code` is for `status` if there is no socket. */
  close(code = NORMAL_CLOSURE): void {
    if (this.#isStopped) return;
    if (this.#socket === null) {
      this.#stop(code);
      this.#owner.changed();
    } else {
      this.#end(NORMAL_CLOSURE, "", false);
    }
  }

  /** Connects at once if it is waiting for the next attempt. */
  retryNow(): void {
    if (this.#status.connection === "waiting") this.#connect();
  }

  /** The owner has processed the `welcome`. */
  welcomed(): void {
    this.#heartbeat.welcomed();
    this.#onlineSince = this.#options.clock.now();
    this.#status = { ...this.#status, connection: "online" };
    this.#owner.changed();
  }

  /** The user waits to be let in: the socket is pinged, and the `welcome` may take any time. */
  waits(): void {
    this.#failedAttempts = 0;
    this.#heartbeat.welcomed();
  }

  /** Sends a frame. A socket that throws is lost. */
  send(frame: string): void {
    try {
      this.#socket?.send(frame);
    } catch {
      this.fail("the socket accepts no more frames");
    }
  }

  /** Abandons the socket, and reconnects after the back-off. */
  fail(reason: string): void {
    if (this.#socket !== null) this.#end(ABANDONED, reason, true);
  }

  #connect(): void {
    const { url, wake, webSocket: Socket } = this.#options;
    const socket = new Socket(url, [SUBPROTOCOL]); // throws if the URL is invalid
    this.#retry.set(null);
    // The same function is added only once.
    wake?.addEventListener("online", this.#woken);
    wake?.addEventListener("visibilitychange", this.#woken);
    this.#socket = socket;
    const { retryAt: _, ...before } = this.#status;
    this.#status = { ...before, connection: "connecting" };
    this.#heartbeat.opened();
    // An abandoned socket can still dispatch events: they are ignored.
    const listen = (type: "open" | "message" | "close" | "error", listener: (event: SocketEvent) => void) =>
      socket.addEventListener(type, (event) => {
        if (this.#socket === socket) listener(event);
      });
    listen("open", () => this.send(this.#owner.hello()));
    listen("message", ({ data }) => {
      this.#heartbeat.received(data);
      if (typeof data === "string") this.#owner.received(data);
    });
    listen("close", ({ code = ABNORMAL_CLOSURE, reason = "" }) => {
      this.#lost(code, reason, mayReconnect(code));
    });
    // Not every platform dispatches `close` after `error`.
    listen("error", () => this.#lost(ABNORMAL_CLOSURE, "", true));
    this.#owner.changed();
  }

  readonly #woken = (): void => {
    if (this.#options.wake?.document?.visibilityState === "hidden") return;
    if (this.isLive) this.#heartbeat.woken();
    else this.retryNow();
  };

  /** Closes the socket, without waiting for the other side: it may be unreachable. */
  #end(code: number, reason: string, willReconnect: boolean): void {
    const socket = this.#socket;
    this.#lost(code, reason, willReconnect);
    try {
      socket?.close(code, reason);
    } catch {
      // It was closed already.
    }
  }

  #lost(code: number, reason: string, willReconnect: boolean): void {
    const { clock, random, maxAttempts } = this.#options;
    const now = clock.now();
    if (this.isOnline && now - this.#onlineSince >= STABLE_MS) this.#backoffStep = 0;
    this.#failedAttempts = this.isOnline ? 0 : this.#failedAttempts + 1;
    this.#socket = null;
    this.#heartbeat.stop();
    if (willReconnect && this.#failedAttempts < maxAttempts) {
      const retryAt = now + backoffDelay(this.#backoffStep, random());
      this.#backoffStep += 1;
      this.#status = { connection: "waiting", retryAt, closeCode: code };
      this.#retry.set(retryAt);
    } else {
      this.#stop(code);
    }
    const { connection } = this.#status;
    this.#owner.closed({ code, reason, willReconnect: connection === "waiting" }, this.#failedAttempts);
  }

  #stop(closeCode: number): void {
    const { wake } = this.#options;
    this.#retry.set(null);
    wake?.removeEventListener("online", this.#woken);
    wake?.removeEventListener("visibilitychange", this.#woken);
    this.#status = { connection: "closed", closeCode };
  }

  /** Whether it has no socket and will not open one by itself. */
  get #isStopped(): boolean {
    return this.#status.connection === "idle" || this.#status.connection === "closed";
  }
}

/**
 * Returns the wait before an attempt to connect, ms. Full jitter (any length up to the bound) spreads
 * the clients of a server that restarts.
 *
 * @param step - attempts that failed since the connection was last stable
 * @param random - a number from 0 to 1
 */
export function backoffDelay(step: number, random: number): number {
  return random * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** step);
}
