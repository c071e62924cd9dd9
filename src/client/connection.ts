/** Connection: one socket to the room at a time, opened again whenever it is lost. */
import { mayReconnect } from "../protocol/close-code.ts";
import { PING, PONG, SUBPROTOCOL, splitLines } from "../protocol/frame.ts";
import { PING_INTERVAL_MS } from "../protocol/limits.ts";
import { backoffDelay } from "./backoff.ts";
import type { Clock, EventTargetLike, SocketEvent, WebSocketConstructor, WebSocketLike } from "./platform.ts";

/** Time from opening a socket to its `welcome`. */
const JOIN_TIMEOUT_MS = 15_000;
/** Silence after a ping that shows a dead link. */
const PONG_TIMEOUT_MS = 10_000;
/** Either, when the reader or the network has just come back, and a dead link is likely. */
const WAKE_TIMEOUT_MS = 5_000;
/** A connection that held for this long after its `welcome` starts the back-off anew. */
const STABLE_MS = 10_000;
/** Close code of a socket that the client itself gives up; among those after which one reconnects. */
const GIVEN_UP = 4000;
const NORMAL_CLOSURE = 1000;
const ABNORMAL_CLOSURE = 1006;

/** Status is where the connection stands. */
export interface Status {
  readonly connection: "idle" | "connecting" | "online" | "waiting" | "closed";
  /** When it will be tried again, by the clock: while `waiting`. */
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

export interface ConnectionOptions {
  readonly url: string;
  readonly webSocket: WebSocketConstructor;
  readonly clock: Clock;
  readonly random: () => number;
  readonly wake: EventTargetLike | null;
}

/** ConnectionOwner is who uses the connection. */
export interface ConnectionOwner {
  /** The first line of a new socket. */
  hello(): string;
  received(frame: string): void;
  /** `status` changed, without a socket having closed. */
  changed(): void;
  closed(closing: Closing): void;
  /** Whether the room owes an answer for so long that the link must be taken for broken. */
  isOverdue(): boolean;
}

/** Connection keeps a socket to the room: opening, heartbeat, back-off, waking. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #owner: ConnectionOwner;
  #status: Status = { connection: "idle" };
  #socket: WebSocketLike | null = null;
  #attempt = 0;
  #onlineSince = 0;
  /** When the ping left that awaits its pong. */
  #pingedAt: number | null = null;
  /** Runs out where a socket is dead: without `welcome`, or silent after a ping. */
  #deadline: unknown = null;
  #deadlineAt = Number.POSITIVE_INFINITY;
  #heartbeat: unknown = null;
  #retry: unknown = null;

  constructor(options: ConnectionOptions, owner: ConnectionOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  get status(): Status {
    return this.#status;
  }

  /** Whether there is a socket to hear from. */
  get isLive(): boolean {
    return this.#socket !== null;
  }

  get isOnline(): boolean {
    return this.#status.connection === "online";
  }

  /** Connects, unless it is at it already. */
  open(): void {
    const { connection } = this.#status;
    if (connection !== "idle" && connection !== "closed") return;
    this.#attempt = 0;
    this.#connect();
  }

  /** Closes for good, until `open`. */
  close(): void {
    const { connection } = this.#status;
    if (connection === "idle" || connection === "closed") return;
    if (this.#socket === null) {
      this.#rest(NORMAL_CLOSURE);
      this.#owner.changed();
    } else {
      this.#end(NORMAL_CLOSURE, "", false);
    }
  }

  /** Tries at once where it waits to try again. */
  retryNow(): void {
    if (this.#status.connection === "waiting") this.#connect();
  }

  /** The owner has taken in the `welcome`. */
  welcomed(): void {
    this.#clearDeadline();
    this.#onlineSince = this.#options.clock.now();
    this.#status = { ...this.#lastClose, connection: "online" };
    this.#scheduleHeartbeat();
    this.#owner.changed();
  }

  /** Sends a frame on the open socket; a socket that takes none is lost. */
  send(frame: string): void {
    try {
      this.#socket?.send(frame);
    } catch {
      this.giveUp("the socket takes no more frames");
    }
  }

  /** Gives the socket up and connects again after a while. */
  giveUp(reason: string): void {
    if (this.#socket !== null) this.#end(GIVEN_UP, reason, true);
  }

  #connect(): void {
    const { clock, url, wake, webSocket: Socket } = this.#options;
    const socket = new Socket(url, [SUBPROTOCOL]); // throws where the address is none
    clock.clearTimeout(this.#retry);
    // Listening twice with the same function is listening once.
    wake?.addEventListener("online", this.#woken);
    wake?.addEventListener("visibilitychange", this.#woken);
    this.#socket = socket;
    this.#pingedAt = null;
    this.#status = { ...this.#lastClose, connection: "connecting" };
    this.#expectWithin(JOIN_TIMEOUT_MS);
    // A socket that was given up may still have something to say: nobody listens.
    const listen = (type: "open" | "message" | "close" | "error", listener: (event: SocketEvent) => void) =>
      socket.addEventListener(type, (event) => {
        if (this.#socket === socket) listener(event);
      });
    listen("open", () => this.send(this.#owner.hello()));
    listen("message", ({ data }) => this.#heard(data));
    listen("close", ({ code = ABNORMAL_CLOSURE, reason = "" }) => {
      this.#lost(code, reason, mayReconnect(code));
    });
    // Not every platform closes a socket that failed.
    listen("error", () => this.#lost(ABNORMAL_CLOSURE, "", true));
    this.#owner.changed();
  }

  #heard(data: unknown): void {
    if (this.isOnline) this.#clearDeadline();
    if (typeof data !== "string") return;
    // The runtime answers a ping with a frame of its own; another server may put other lines beside it.
    if (this.#pingedAt !== null && splitLines(data).includes(PONG)) this.#pingedAt = null;
    if (data !== PONG) this.#owner.received(data);
  }

  #scheduleHeartbeat(): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#heartbeat);
    this.#heartbeat = clock.setTimeout(() => {
      // A pong that is this late waits behind more than the link can carry: joining anew is quicker.
      const isLate = this.#pingedAt !== null && clock.now() - this.#pingedAt >= PONG_TIMEOUT_MS;
      if (isLate) this.giveUp("the pong is late");
      else if (this.#owner.isOverdue()) this.giveUp("an answer is overdue");
      else {
        this.#scheduleHeartbeat();
        this.#ping(PONG_TIMEOUT_MS);
      }
    }, PING_INTERVAL_MS);
  }

  #ping(timeoutMs: number): void {
    this.#expectWithin(timeoutMs);
    if (this.#pingedAt !== null) return;
    this.#pingedAt = this.#options.clock.now();
    this.send(PING);
  }

  readonly #woken = (): void => {
    if (this.#options.wake?.document?.visibilityState === "hidden") return;
    if (this.isOnline) this.#ping(WAKE_TIMEOUT_MS);
    else if (this.isLive) this.#expectWithin(WAKE_TIMEOUT_MS);
    else this.retryNow();
  };

  /** Gives the socket up unless something is heard in time; an earlier deadline stays. */
  #expectWithin(ms: number): void {
    const { clock } = this.#options;
    const at = clock.now() + ms;
    if (at >= this.#deadlineAt) return;
    this.#clearDeadline();
    this.#deadlineAt = at;
    this.#deadline = clock.setTimeout(() => this.giveUp("nothing was heard in time"), ms);
  }

  #clearDeadline(): void {
    this.#options.clock.clearTimeout(this.#deadline);
    this.#deadlineAt = Number.POSITIVE_INFINITY;
  }

  /** Closes the socket from this side, without waiting for the other, which may be gone. */
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
    const { clock, random } = this.#options;
    const now = clock.now();
    if (this.isOnline && now - this.#onlineSince >= STABLE_MS) this.#attempt = 0;
    this.#socket = null;
    this.#clearDeadline();
    clock.clearTimeout(this.#heartbeat);
    if (willReconnect) {
      const delay = backoffDelay(this.#attempt, random());
      this.#attempt += 1;
      this.#status = { connection: "waiting", retryAt: now + delay, closeCode: code };
      this.#retry = clock.setTimeout(() => this.#connect(), delay);
    } else {
      this.#rest(code);
    }
    this.#owner.closed({ code, reason, willReconnect });
  }

  #rest(closeCode: number): void {
    const { clock, wake } = this.#options;
    clock.clearTimeout(this.#retry);
    wake?.removeEventListener("online", this.#woken);
    wake?.removeEventListener("visibilitychange", this.#woken);
    this.#status = { connection: "closed", closeCode };
  }

  get #lastClose(): Pick<Status, "closeCode"> {
    const { closeCode } = this.#status;
    return closeCode === undefined ? {} : { closeCode };
  }
}
