// A participant that implements the protocol itself, as simply as possible: it resumes, and sends everything
// without an answer again, in order.
import type { RoomEvent } from "../../src/protocol/events.ts";
import { PING, SUBPROTOCOL, splitLines } from "../../src/protocol/frame.ts";
import { parseServerLine, type ServerLine } from "../../src/protocol/server-lines.ts";
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
}

/** RawParticipant uses no class of the project's client. */
export class RawParticipant implements Participant {
  readonly name: string;
  readonly #context: RunContext;
  readonly #random: Random;
  readonly #repeats: number;
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

  constructor(name: string, context: RunContext, random: Random, { repeats = 1 }: RawOptions = {}) {
    this.name = name;
    this.#context = context;
    this.#random = random;
    this.#repeats = repeats;
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
    this.#count += 1;
    const id = `${this.name}-${this.#count}`;
    const line = JSON.stringify({ type: "send", id, text });
    this.#context.journal.recordSend(this.name, id, text);
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
      case "message":
      case "edit":
      case "delete":
      case "react":
        this.#event(line);
        return;
      case "ok":
        this.#answered(line.id, line.seq ?? 0);
        return;
      case "error":
        this.#fail(`${line.code}, ${line.message}`);
        return;
      default:
        return;
    }
  }

  #event(event: RoomEvent): void {
    this.#delivered = event.seq;
    this.#received.event({ seq: event.seq, user: event.user, text: "text" in event ? event.text : "" });
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
