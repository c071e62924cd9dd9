/** Sockets without a network: the test plays the server. */
import type { EventTargetLike, WebSocketConstructor, WebSocketLike } from "../../src/client/index.ts";

type Listener = Parameters<WebSocketLike["addEventListener"]>[1];
type EventName = Parameters<WebSocketLike["addEventListener"]>[0];

/** FakeSocket is the client's end of a socket, with methods for the events on it. */
export class FakeSocket implements WebSocketLike {
  /** Frames that the client sent. */
  readonly sent: string[] = [];
  /** How the client closed it; `null` before. */
  closed: { code: number | undefined; reason: string | undefined } | null = null;
  /** Called with each frame sent. */
  onsend: (frame: string) => void = () => {};
  /** Called when the client closes it. */
  onclose: () => void = () => {};
  readonly #listeners: [EventName, Listener][] = [];

  readonly url: string;
  readonly protocols: string[];

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  addEventListener(type: EventName, listener: Listener): void {
    this.#listeners.push([type, listener]);
  }

  send(frame: string): void {
    this.sent.push(frame);
    this.onsend(frame);
  }

  close(code?: number, reason?: string): void {
    if (this.closed !== null) return;
    this.closed = { code, reason };
    this.onclose();
  }

  /** Completes the handshake. */
  open(): void {
    this.#dispatch("open", {});
  }

  /** Delivers a frame of these lines to the client; objects are sent as JSON. */
  receive(...lines: (object | string)[]): void {
    const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
    this.#dispatch("message", { data: texts.join("\n") });
  }

  /** Closes it from the server's side, or as the network does. */
  drop(code = 1006, reason = ""): void {
    this.#dispatch("close", { code, reason });
  }

  /** Dispatches `error` without a `close`. */
  fail(): void {
    this.#dispatch("error", {});
  }

  /** Lines of the frames that the client sent, parsed. */
  get lines(): unknown[] {
    return this.sent.flatMap((frame) => frame.split("\n")).map((line): unknown => JSON.parse(line));
  }

  #dispatch(name: EventName, event: Parameters<Listener>[0]): void {
    for (const [type, listener] of this.#listeners) if (type === name) listener(event);
  }
}

/** FakeNetwork creates and keeps the sockets of a client. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = [];
  readonly webSocket: WebSocketConstructor;

  /** @param connected - called with each socket that the client opens */
  constructor(connected: (socket: FakeSocket) => void = () => {}) {
    const { sockets } = this;
    this.webSocket = class extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
        connected(this);
      }
    };
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("the client has not opened a socket");
    return socket;
  }
}

/** FakeWindow dispatches the events of a browser's window. */
export class FakeWindow implements EventTargetLike {
  readonly document = { visibilityState: "visible" };
  readonly #listeners = { online: new Set<() => void>(), visibilitychange: new Set<() => void>() };

  addEventListener(type: "online" | "visibilitychange", listener: () => void): void {
    this.#listeners[type].add(listener);
  }

  removeEventListener(type: "online" | "visibilitychange", listener: () => void): void {
    this.#listeners[type].delete(listener);
  }

  dispatch(type: "online" | "visibilitychange"): void {
    for (const listener of this.#listeners[type]) listener();
  }

  /** Number of listeners. */
  get size(): number {
    return this.#listeners.online.size + this.#listeners.visibilitychange.size;
  }
}
