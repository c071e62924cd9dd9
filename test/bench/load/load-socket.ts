/** Load socket: one client's WebSocket over plain TCP, whose frames are scanned in place. */
import { connect, type Socket } from "node:net";
import type { Dialect } from "./dialect.ts";
import { FrameScanner, type Tally } from "./frame-scanner.ts";

/** Read buffer of all sockets: each chunk is scanned before the next one is read. */
const INBOX = Buffer.alloc(128 * 1024);
const HEADER_END = "\r\n\r\n";

/** LoadSocket joins a room and counts the messages that it receives. */
export class LoadSocket {
  /** Resolves when the client has joined. Rejects if the connection is rejected or lost before. */
  readonly joined: Promise<void>;
  /** Reason why the connection was lost, or `null`. */
  cut: string | null = null;
  readonly #socket: Socket;
  readonly #dialect: Dialect;
  readonly #scanner: FrameScanner;
  readonly #settle: { resolve(): void; reject(error: Error): void };
  /** The answer to the handshake as far as it was received; `null` after that. */
  #answer: string | null = "";
  #hasJoined = false;
  #hasLeft = false;

  constructor(port: number, dialect: Dialect, tally: Tally) {
    this.#dialect = dialect;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.joined = promise;
    this.#settle = { resolve, reject };
    this.#scanner = new FrameScanner(tally, {
      frame: (first) => this.#heard(first),
      closed: () => this.#lost("the server closed the socket"),
    });
    const callback = (length: number) => {
      this.#read(length);
      return true;
    };
    this.#socket = connect({ host: "127.0.0.1", port, noDelay: true, onread: { buffer: INBOX, callback } });
    this.#socket.on("error", (error) => this.#lost(error.message));
    this.#socket.on("close", () => this.#lost("the connection ended"));
    this.#socket.write(handshake(dialect), "latin1");
  }

  /** Messages received since the join. */
  get received(): number {
    return this.#scanner.messages;
  }

  /** Sends one text frame. */
  send(text: string): void {
    this.#socket.write(maskedFrame(text));
  }

  /** Resets the connection, so that no port stays in TIME_WAIT. */
  leave(): void {
    this.#hasLeft = true;
    this.#socket.resetAndDestroy();
  }

  #read(length: number): void {
    if (this.#answer === null) {
      this.#scanner.read(INBOX, 0, length);
      return;
    }
    const before = this.#answer.length;
    this.#answer += INBOX.toString("latin1", 0, length);
    const end = this.#answer.indexOf(HEADER_END);
    if (end === -1) return;
    if (this.#answer.startsWith("HTTP/1.1 101")) {
      this.#answer = null;
      this.#opened();
      this.#scanner.read(INBOX, end + HEADER_END.length - before, length);
    } else {
      this.#lost(`the server answered ${this.#answer.slice(0, this.#answer.indexOf("\r\n"))}`);
    }
  }

  #opened(): void {
    const { greeting, joinedBy } = this.#dialect;
    if (greeting !== undefined) this.send(greeting);
    if (joinedBy === undefined) this.#join();
  }

  #heard(first: number): void {
    const { answers, joinedBy } = this.#dialect;
    if (this.#hasJoined && answers === undefined) return;
    const start = String.fromCharCode(first);
    if (!this.#hasJoined && start === joinedBy) this.#join();
    const answer = answers?.[start];
    if (answer !== undefined) this.send(answer);
  }

  #join(): void {
    this.#hasJoined = true;
    // The messages in the welcome are history.
    this.#scanner.messages = 0;
    this.#settle.resolve();
  }

  #lost(reason: string): void {
    if (this.#hasLeft || this.cut !== null) return;
    this.cut = reason;
    this.#settle.reject(new Error(reason));
  }
}

function handshake({ path, subprotocol }: Dialect): string {
  return [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: 2e1HXejEZhjvYEEVOEE79g==",
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
    HEADER_END.slice(2),
  ].join("\r\n");
}

/** One masked text frame (RFC 6455, section 5.2). With the key 0 the payload is unchanged. */
function maskedFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length > 125) throw new RangeError("the load sends short frames");
  const frame = Buffer.alloc(6 + length);
  frame[0] = 0x81;
  frame[1] = 0x80 | length;
  frame.write(text, 6);
  return frame;
}
