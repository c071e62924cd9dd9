/** Connection: one socket to the room at a time, opened again whenever it is lost. */
import { mayReconnect } from "../protocol/close-code.ts";
import { SUBPROTOCOL } from "../protocol/frame.ts";
import { Alarm } from "./alarm.ts";
import { backoffDelay } from "./backoff.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Clock, EventTargetLike, SocketEvent, WebSocketConstructor, WebSocketLike } from "./platform.ts";

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

/** Connection keeps a socket to the room: it opens one, gives up a dead one, and waits to open the next. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #owner: ConnectionOwner;
  readonly #heartbeat: Heartbeat;
  readonly #retry: Alarm;
  #status: Status = { connection: "idle" };
  #socket: WebSocketLike | null = null;
  #attempt = 0;
  #onlineSince = 0;

  constructor(options: ConnectionOptions, owner: ConnectionOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#heartbeat = new Heartbeat(options.clock, {
      send: (frame) => this.send(frame),
      dead: (reason) => this.giveUp(reason),
      isOverdue: () => owner.isOverdue(),
    });
    this.#retry = new Alarm(options.clock, () => this.#connect());
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
    if (!this.#isResting) return;
    this.#attempt = 0;
    this.#connect();
  }

  /** Closes for good, until `open`. */
  close(): void {
    if (this.#isResting) return;
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
    this.#heartbeat.welcomed();
    this.#onlineSince = this.#options.clock.now();
    this.#status = { ...this.#status, connection: "online" };
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
    const { retryAt: _, ...before } = this.#status;
    this.#status = { ...before, connection: "connecting" };
    this.#heartbeat.opened();
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
    this.#heartbeat.heard(data);
    if (typeof data === "string") this.#owner.received(data);
  }

  readonly #woken = (): void => {
    if (this.#options.wake?.document?.visibilityState === "hidden") return;
    if (this.isLive) this.#heartbeat.woken();
    else this.retryNow();
  };

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
    this.#heartbeat.stop();
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

  /** Whether it neither has a socket nor will open one by itself. */
  get #isResting(): boolean {
    return this.#status.connection === "idle" || this.#status.connection === "closed";
  }
}
