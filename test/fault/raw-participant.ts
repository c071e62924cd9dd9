// A participant that implements the protocol itself, as simply as possible: it resumes, and sends everything
// without an answer again, in order.
import type { Command } from "../../src/protocol/commands.ts";
import type { LogCommand, RoomEvent } from "../../src/protocol/events.ts";
import { PING, SUBPROTOCOL, splitLines } from "../../src/protocol/frame.ts";
import { parseServerLine, type ServerLine } from "../../src/protocol/server-lines.ts";
import { loggedText } from "./journal.ts";
import { keyOf, type Participant } from "./participant.ts";
import { between, type Random } from "./random.ts";
import { ReaderLog, type RunContext } from "./reader-log.ts";

/** Ping interval, and the silence after which a connection is dead, ms. */
const PING_MS = 700;
const SILENCE_MS = 2_500;
/** Longest wait before a reconnect, ms. */
const RECONNECT_MS = 150;
/** Lines per frame; each is under 200 bytes. */
const LINES_PER_FRAME = 100;

export interface RawOptions {
  /** Maximum number of times that each message is sent. Default 1. */
  readonly repeats?: number;
  /** More fields of each hello. */
  readonly hello?: Partial<Command<"hello">>;
  /** Called with each line, after it is recorded. */
  readonly onLine?: (line: ServerLine) => void;
}

type WithoutId<C> = C extends unknown ? Omit<C, "id"> : never;

/** RawParticipant uses no class of the project's client. */
export class RawParticipant implements Participant {
  readonly name: string;
  readonly #context: RunContext;
  readonly #random: Random;
  readonly #repeats: number;
  readonly #hello: Partial<Command<"hello">>;
  readonly #onLine: (line: ServerLine) => void;
  readonly #received: ReaderLog;
  /** Lines of the sends without an answer, by id, in order. */
  readonly #unanswered = new Map<string, string>();
  #socket: WebSocket | null = null;
  #epoch: string | undefined;
  #joined = false;
  #closed = true;
  #count = 0;
  #receivedAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(name: string, context: RunContext, random: Random, options: RawOptions = {}) {
    const { repeats = 1, hello = {}, onLine = () => {} } = options;
    this.name = name;
    this.#context = context;
    this.#random = random;
    this.#repeats = repeats;
    this.#hello = hello;
    this.#onLine = onLine;
    this.#received = new ReaderLog(name, context);
  }

  get last(): number | undefined {
    return this.#received.last;
  }

  get pending(): number {
    return this.#unanswered.size;
  }

  connect(): void {
    this.#closed = false;
    this.#timer ??= setInterval(() => this.#checkLiveness(), PING_MS);
    this.#open();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#disconnect();
  }

  /** Drops the connection, and opens the next one after `awayMs`. */
  drop(awayMs = this.#random() * RECONNECT_MS): void {
    this.#disconnect();
    this.#reopen(awayMs);
  }

  send(text: string): void {
    this.command({ type: "send", text });
  }

  /** Sends a command whose event is a message or a notice. Its `loggedText` must be unique. */
  command(body: WithoutId<LogCommand>): void {
    this.#count += 1;
    const id = `${this.name}-${this.#count}`;
    const line = JSON.stringify({ ...body, id });
    this.#context.journal.recordSend(this.name, id, loggedText(body));
    this.#unanswered.set(id, line);
    if (!this.#joined) return;
    for (let n = between(this.#random, 1, this.#repeats); n > 0; n -= 1) this.#socket?.send(line);
  }

  #open(): void {
    const socket = new WebSocket(this.#context.socket, SUBPROTOCOL);
    this.#socket = socket;
    this.#receivedAt = Date.now();
    socket.addEventListener("open", () => {
      if (this.#socket !== socket) return;
      const { last } = this.#received;
      socket.send(
        JSON.stringify({
          ...{ type: "hello", name: this.name, key: keyOf(this.name), history: 0 },
          ...this.#hello,
          ...(this.#epoch !== undefined && { resume: { epoch: this.#epoch, seq: this.#delivered ?? last } }),
        }),
      );
    });
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket !== socket) return;
      this.#receivedAt = Date.now();
      for (const line of splitLines(String(data))) this.#receive(line);
    });
    socket.addEventListener("close", () => {
      if (this.#socket !== socket) return;
      this.drop();
    });
  }

  /** Seq of the newest event that a socket delivered; the recorded list may still wait for older ones. */
  #delivered: number | undefined;

  #receive(text: string): void {
    const line = parseServerLine(text);
    if (line === null) {
      this.#fail(`not a line of the protocol: ${text.slice(0, 100)}`);
      return;
    }
    this.#handle(line);
    this.#onLine(line);
  }

  #handle(line: ServerLine): void {
    switch (line.type) {
      case "welcome": {
        const { journal } = this.#context;
        journal.users.set(this.name, line.you.user);
        if (this.#epoch !== undefined && line.epoch !== this.#epoch) this.#fail("the epoch changed");
        this.#epoch = line.epoch;
        this.#received.welcome(line.seq, line.resumed);
        if (line.resumed) for (const event of line.events) if (event.type !== "opaque") this.#event(event);
        if (line.resumed && this.#delivered !== line.seq)
          this.#fail(`a resume ended at ${this.#delivered} of ${line.seq}`);
        this.#delivered = line.seq;
        this.#joined = true;
        this.#resend();
        return;
      }
      case "ok":
        this.#answered(line.id, line.seq ?? 0);
        return;
      case "error":
        this.#fail(`${line.code}, ${line.message}`);
        return;
      default:
        if ("seq" in line && line.type !== "opaque") this.#event(line);
    }
  }

  #event(event: RoomEvent): void {
    this.#delivered = event.seq;
    this.#received.event({ seq: event.seq, user: event.user, text: loggedText(event) });
    // In a welcome, own events show which sends were stored.
    if (event.id !== undefined) this.#answered(event.id, event.seq);
  }

  #answered(id: string, seq: number): void {
    this.#context.journal.recordAck({ sender: this.name, id, seq });
    this.#unanswered.delete(id);
  }

  #resend(): void {
    const lines = [...this.#unanswered.values()];
    for (let i = 0; i < lines.length; i += LINES_PER_FRAME) {
      this.#socket?.send(lines.slice(i, i + LINES_PER_FRAME).join("\n"));
    }
  }

  /** Pings, and drops a connection that delivers nothing. */
  #checkLiveness(): void {
    if (this.#socket === null) return;
    if (Date.now() - this.#receivedAt > SILENCE_MS) this.drop();
    else if (this.#joined) this.#socket.send(PING);
  }

  #disconnect(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#joined = false;
    if (socket === null) return;
    this.#context.journal.reconnects += 1;
    socket.close();
  }

  #reopen(awayMs: number): void {
    setTimeout(() => {
      if (!this.#closed && this.#socket === null) this.#open();
    }, awayMs);
  }

  #fail(reason: string): void {
    this.#context.journal.failures.push(`${this.name}: ${reason}`);
  }
}
