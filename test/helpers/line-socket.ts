// Sockets that a test reads frame by frame or line by line, with a timeout for each read. Runs in Node and in
// workerd; raw-socket.ts opens sockets in Node.
import type { ClientLine } from "../../src/protocol/commands.ts";
import { joinLines, splitLines } from "../../src/protocol/frame.ts";
import { parseServerLine, type ServerLine } from "../../src/protocol/server-lines.ts";
import { eventually, within } from "./wait.ts";

/** Closed is how a socket ended. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** LineSocket is a WebSocket that buffers received frames and lines in order, from the moment it is wrapped. */
class LineSocket {
  /** All frames received so far. */
  readonly frames: string[] = [];
  /** All lines of these frames. */
  readonly heard: string[] = [];
  /** Resolves when the socket closes; never rejects. */
  readonly closed: Promise<Closed>;
  readonly #socket: WebSocket;
  readonly #listeners = new Set<() => void>();
  #framesRead = 0;
  #linesRead = 0;
  #end: Closed | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<Closed>();
    this.closed = promise;
    socket.addEventListener("message", ({ data }) => {
      const frame = typeof data === "string" ? data : "(a binary frame)";
      this.frames.push(frame);
      this.heard.push(...splitLines(frame));
      this.#notify();
    });
    socket.addEventListener("close", ({ code, reason }) => {
      this.#end = { code, reason };
      resolve(this.#end);
      this.#notify();
    });
  }

  /** The next unread frame. Rejects if the socket closes before it arrives. */
  async nextFrame(): Promise<string> {
    const index = this.#framesRead++;
    return this.#arrival("a frame", () => this.frames[index]);
  }

  /** Sends one frame unchanged. */
  sendFrame(frame: string | ArrayBuffer): void {
    this.#socket.send(frame);
  }

  /** Closes the socket and waits until it is closed. */
  close(code?: number, reason?: string): Promise<Closed> {
    this.#socket.close(code, reason);
    return within("the socket to close", this.closed);
  }

  /** The next unread line as text. Rejects if the socket closes before it arrives. */
  protected async nextText(): Promise<string> {
    const index = this.#linesRead++;
    return this.#arrival("a line", () => this.heard[index]);
  }

  #arrival(what: string, probe: () => string | undefined): Promise<string> {
    const probeOpen = () => {
      const value = probe();
      if (value !== undefined || this.#end === undefined) return value;
      throw new Error(`waited for ${what}, but the socket closed: ${this.#end.code} ${this.#end.reason}`);
    };
    return eventually(what, probeOpen, (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    });
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** PlainSocket is a socket in plain mode. */
export class PlainSocket extends LineSocket {
  /** The next unread line. */
  nextLine(): Promise<string> {
    return this.nextText();
  }

  /** Sends one line. */
  say(line: string): void {
    this.sendFrame(line);
  }
}

/** ChatSocket is a socket in `chat.v1`. Reading a line that is not part of the protocol rejects. */
export class ChatSocket extends LineSocket {
  /** The next unread line. */
  async nextLine(): Promise<ServerLine> {
    const line = await this.nextText();
    const parsed = parseServerLine(line);
    if (parsed === null) throw new Error(`not a line of the protocol: ${line}`);
    return parsed;
  }

  /** The next line of one type; skips other lines. */
  async next<T extends ServerLine["type"]>(type: T): Promise<Extract<ServerLine, { type: T }>> {
    const isOfType = (line: ServerLine): line is Extract<ServerLine, { type: T }> => line.type === type;
    for (;;) {
      const line = await this.nextLine();
      if (isOfType(line)) return line;
    }
  }

  /** The next lines, up to and including the first that `isLast` accepts. */
  async linesUntil(isLast: (line: ServerLine) => boolean): Promise<ServerLine[]> {
    const lines: ServerLine[] = [];
    for (;;) {
      const line = await this.nextLine();
      lines.push(line);
      if (isLast(line)) return lines;
    }
  }

  /** Sends one or several commands in one frame. */
  command(...commands: ClientLine[]): void {
    this.sendFrame(joinLines(commands.map((command) => JSON.stringify(command))));
  }
}
