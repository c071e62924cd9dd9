// A member that speaks the protocol by itself, as plainly as it can be done: it resumes, and sends again in
// order whatever has no answer.
import type { RoomEvent } from "../../src/protocol/events.ts";
import { PING, SUBPROTOCOL, splitLines } from "../../src/protocol/frame.ts";
import { parseServerLine, type ServerLine } from "../../src/protocol/server-lines.ts";
import { Ear, type Place } from "./ear.ts";
import { keyOf, type Member } from "./member.ts";
import { between, type Random } from "./random.ts";

/** How often it pings, and the silence after which it takes its link for dead, ms. */
const PING_MS = 700;
const SILENCE_MS = 2_500;
/** Its longest wait before it connects again, ms. */
const RECONNECT_MS = 150;
/** Lines that it puts into one frame; each is under 200 bytes. */
const LINES_A_FRAME = 100;

export interface RawOptions {
  /** Times that it sends each message, at most; default 1. */
  readonly repeats?: number;
}

/** RawMember knows no class of the project's client. */
export class RawMember implements Member {
  readonly name: string;
  readonly #place: Place;
  readonly #random: Random;
  readonly #repeats: number;
  readonly #ear: Ear;
  /** Lines of the sends that have no answer, by id, in order. */
  readonly #unanswered = new Map<string, string>();
  #socket: WebSocket | null = null;
  #epoch: string | undefined;
  #joined = false;
  #closed = true;
  #count = 0;
  #heardAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(name: string, place: Place, random: Random, { repeats = 1 }: RawOptions = {}) {
    this.name = name;
    this.#place = place;
    this.#random = random;
    this.#repeats = repeats;
    this.#ear = new Ear(name, place);
  }

  get last(): number | undefined {
    return this.#ear.last;
  }

  get pending(): number {
    return this.#unanswered.size;
  }

  connect(): void {
    this.#closed = false;
    this.#timer ??= setInterval(() => this.#watch(), PING_MS);
    this.#open();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#abandon();
  }

  /** Gives the link up, and comes back after `awayMs`. */
  drop(awayMs = this.#random() * RECONNECT_MS): void {
    this.#abandon();
    this.#reopen(awayMs);
  }

  send(text: string): void {
    this.#count += 1;
    const id = `${this.name}-${this.#count}`;
    const line = JSON.stringify({ type: "send", id, text });
    this.#place.journal.send(this.name, id, text);
    this.#unanswered.set(id, line);
    if (!this.#joined) return;
    for (let n = between(this.#random, 1, this.#repeats); n > 0; n -= 1) this.#socket?.send(line);
  }

  #open(): void {
    const socket = new WebSocket(this.#place.socket, SUBPROTOCOL);
    this.#socket = socket;
    this.#heardAt = Date.now();
    socket.addEventListener("open", () => {
      if (this.#socket !== socket) return;
      const { last } = this.#ear;
      socket.send(
        JSON.stringify({
          ...{ type: "hello", name: this.name, key: keyOf(this.name), history: 0 },
          ...(this.#epoch !== undefined && { resume: { epoch: this.#epoch, seq: this.#given ?? last } }),
        }),
      );
    });
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket !== socket) return;
      this.#heardAt = Date.now();
      for (const line of splitLines(String(data))) this.#take(line);
    });
    socket.addEventListener("close", () => {
      if (this.#socket !== socket) return;
      this.drop();
    });
  }

  /** Seq of the newest event that came over a socket; the ear's list may still wait for older ones. */
  #given: number | undefined;

  #take(text: string): void {
    const line = parseServerLine(text);
    if (line === null) {
      this.#complain(`no line of the protocol: ${text.slice(0, 100)}`);
      return;
    }
    this.#handle(line);
  }

  #handle(line: ServerLine): void {
    switch (line.type) {
      case "welcome": {
        const { journal } = this.#place;
        journal.users.set(this.name, line.you.user);
        if (this.#epoch !== undefined && line.epoch !== this.#epoch) this.#complain("another epoch");
        this.#epoch = line.epoch;
        this.#ear.welcome(line.seq, line.resumed);
        if (line.resumed) for (const event of line.events) this.#event(event);
        if (line.resumed && this.#given !== line.seq)
          this.#complain(`a resume to ${this.#given} of ${line.seq}`);
        this.#given = line.seq;
        this.#joined = true;
        this.#sendAgain();
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
        this.#complain(`${line.code}, ${line.message}`);
        return;
      default:
        return;
    }
  }

  #event(event: RoomEvent): void {
    this.#given = event.seq;
    this.#ear.event({ seq: event.seq, user: event.user, text: "text" in event ? event.text : "" });
    // In a welcome, one's own events tell which sends came through.
    if (event.id !== undefined) this.#answered(event.id, event.seq);
  }

  #answered(id: string, seq: number): void {
    this.#place.journal.acks.push({ sender: this.name, id, seq });
    this.#unanswered.delete(id);
  }

  #sendAgain(): void {
    const lines = [...this.#unanswered.values()];
    for (let i = 0; i < lines.length; i += LINES_A_FRAME) {
      this.#socket?.send(lines.slice(i, i + LINES_A_FRAME).join("\n"));
    }
  }

  /** Pings, and takes a link on which nothing comes back for dead. */
  #watch(): void {
    if (this.#socket === null) return;
    if (Date.now() - this.#heardAt > SILENCE_MS) this.drop();
    else if (this.#joined) this.#socket.send(PING);
  }

  #abandon(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#joined = false;
    if (socket === null) return;
    this.#place.journal.reconnects += 1;
    socket.close();
  }

  #reopen(awayMs: number): void {
    setTimeout(() => {
      if (!this.#closed && this.#socket === null) this.#open();
    }, awayMs);
  }

  #complain(what: string): void {
    this.#place.journal.complaints.push(`${this.name}: ${what}`);
  }
}
