/** Connection: one socket to the room at a time, opened again whenever it is lost. */
import { mayReconnect } from "../protocol/close-code.ts";
import { PING, PONG, SUBPROTOCOL, splitLines } from "../protocol/frame.ts";
import { PING_INTERVAL_MS } from "../protocol/limits.ts";
import { Alarm } from "./alarm.ts";
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
  readonly #deadline: Alarm;
  readonly #heartbeat: Alarm;
  readonly #retry: Alarm;

  constructor(options: ConnectionOptions, owner: ConnectionOwner) {
    this.#options = options;
    this.#owner = owner;
    const { clock } = options;
    this.#deadline = new Alarm(clock, () => this.giveUp("nothing was heard in time"));
    this.#heartbeat = new Alarm(clock, () => this.#beat());
    this.#retry = new Alarm(clock, () => this.#connect());
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
    this.#deadline.set(null);
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
    const { url, wake, webSocket: Socket } = this.#options;
    const socket = new Socket(url, [SUBPROTOCOL]); // throws where the address is none
    this.#retry.set(null);
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
    if (this.isOnline) this.#deadline.set(null);
    if (typeof data !== "string") return;
    // The runtime answers a ping with a frame of its own; another server may put other lines beside it.
    if (this.#pingedAt !== null && splitLines(data).includes(PONG)) this.#pingedAt = null;
    if (data !== PONG) this.#owner.received(data);
  }

  #scheduleHeartbeat(): void {
    this.#heartbeat.set(this.#options.clock.now() + PING_INTERVAL_MS);
  }

  #beat(): void {
    const now = this.#options.clock.now();
    // A pong that is this late waits behind more than the link can carry: joining anew is quicker.
    const isLate = this.#pingedAt !== null && now - this.#pingedAt >= PONG_TIMEOUT_MS;
    if (isLate) this.giveUp("the pong is late");
    else if (this.#owner.isOverdue()) this.giveUp("an answer is overdue");
    else {
      this.#scheduleHeartbeat();
      this.#ping(PONG_TIMEOUT_MS);
    }
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
    const at = this.#options.clock.now() + ms;
    if (this.#deadline.at === null || at < this.#deadline.at) this.#deadline.set(at);
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
    this.#deadline.set(null);
    this.#heartbeat.set(null);
    if (willReconnect) {
      const retryAt = now + backoffDelay(this.#attempt, random());
      this.#attempt += 1;
      this.#status = { connection: "waiting", retryAt, closeCode: code };
      this.#retry.set(retryAt);
    } else {
      this.#rest(code);
    }
    this.#owner.closed({ code, reason, willReconnect });
  }

  #rest(closeCode: number): void {
    const { wake } = this.#options;
    this.#retry.set(null);
    wake?.removeEventListener("online", this.#woken);
    wake?.removeEventListener("visibilitychange", this.#woken);
    this.#status = { connection: "closed", closeCode };
  }

  get #lastClose(): Pick<Status, "closeCode"> {
    const { closeCode } = this.#status;
    return closeCode === undefined ? {} : { closeCode };
  }
}
