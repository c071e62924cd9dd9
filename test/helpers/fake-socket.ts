/** Sockets without a network: the test is the other side. */
import type { EventTargetLike, WebSocketConstructor, WebSocketLike } from "../../src/client/index.ts";

type Listener = Parameters<WebSocketLike["addEventListener"]>[1];
type EventName = Parameters<WebSocketLike["addEventListener"]>[0];

/** FakeSocket is the client's end; its other methods are what happens to it. */
export class FakeSocket implements WebSocketLike {
  /** Frames that the client sent. */
  readonly sent: string[] = [];
  /** How the client closed it, once it has. */
  closed: { code: number | undefined; reason: string | undefined } | null = null;
  /** Called with each frame sent. */
  onsend: (frame: string) => void = () => {};
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
    this.closed ??= { code, reason };
  }

  /** The handshake is done. */
  open(): void {
    this.#dispatch("open", {});
  }

  /** A frame of these lines comes in; what is no text is sent as JSON. */
  receive(...lines: (object | string)[]): void {
    const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
    this.#dispatch("message", { data: texts.join("\n") });
  }

  /** The other side closed it, or the network did. */
  drop(code = 1006, reason = ""): void {
    this.#dispatch("close", { code, reason });
  }

  /** It failed, and nothing more is said about it. */
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

/** FakeNetwork makes the sockets and keeps them. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = [];
  readonly webSocket: WebSocketConstructor;

  /** @param connected - is called with each socket that the client opens */
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

/** FakeWindow tells that the network or the reader is back. */
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

  /** Listeners of both kinds. */
  get size(): number {
    return this.#listeners.online.size + this.#listeners.visibilitychange.size;
  }
}
