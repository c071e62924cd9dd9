/** Connection: one socket in the room, and what is due to it. */
import {
  CLOSE_REASON,
  CloseCode,
  type CommandError,
  MAX_BUFFERED_BYTES,
  type ServerLine,
  STALE_AFTER_MS,
} from "../protocol/index.ts";
import type { RoomConfig } from "./config.ts";
import { RateLimiter } from "./rate-limit.ts";
import { HEARD_PRECISION_MS, type Session } from "./session.ts";

/** Peer is the socket as the room knows it. */
export interface Peer {
  /** Sends a text frame; a socket that is no longer open takes it silently. */
  send(frame: string): void;
  close(code: number, reason: string): void;
  /** Keeps the session beside the socket, for when the room wakes. */
  keep(session: Session): void;
  /** When the runtime last answered its ping, Unix ms; `null` where it never did. */
  pingedAt(): number | null;
  /** Bytes sent that the client has not read yet. */
  unsent(): number;
}

/** Refused lines that one connection may have at once, and how many of them are forgiven a second. */
const PATIENCE_BURST = 200;
const PATIENCE_RATE = 10;
/** Reads of history: as many as a person scrolls through, and what they bring together stays small. */
const READ_BURST = 10;
const READ_RATE = 10;
/** Lines that are neither: typing, and pings among other lines. */
const ASIDE_BURST = 500;
const ASIDE_RATE = 50;

export class Connection {
  readonly peer: Peer;
  readonly commands: RateLimiter;
  readonly reads = new RateLimiter(READ_RATE, READ_BURST);
  readonly asides = new RateLimiter(ASIDE_RATE, ASIDE_BURST);
  readonly #patience = new RateLimiter(PATIENCE_RATE, PATIENCE_BURST);
  /** Lines that were not JSON since the last one that was. */
  notJson = 0;
  /** Set once it goes: what it still says goes unheard. */
  closed = false;
  /** Why the room closes it at the next flush, which brings it what was due until then. */
  #expelled: CloseCode | null = null;
  #session: Session;
  #heardAt: number;
  /** Its own lines, to go out with the next flush. */
  #lines: string[] = [];
  readonly #addressed: Set<Connection>;

  /** @param addressed - takes in each connection that has something of its own to be told at the next flush */
  constructor(peer: Peer, session: Session, config: RoomConfig, addressed: Set<Connection>) {
    this.peer = peer;
    this.#addressed = addressed;
    this.#session = session;
    this.#heardAt = session.heardAt;
    this.commands = new RateLimiter(config.messageRate, config.messageBurst);
  }

  get user(): string {
    return this.#session.user;
  }

  get name(): string {
    return this.#session.name;
  }

  /** Whether it takes part in the room. */
  get joined(): boolean {
    return this.#session.joined;
  }

  /** When it was opened, Unix ms. */
  get since(): number {
    return this.#session.since;
  }

  get isPlain(): boolean {
    return this.#session.mode === "plain";
  }

  update(change: Partial<Session>): void {
    this.#session = { ...this.#session, ...change };
    this.peer.keep(this.#session);
  }

  /** Takes note that something came from it. `now` is Unix ms. */
  heard(now: number): void {
    this.#heardAt = now;
    if (now - this.#session.heardAt >= HEARD_PRECISION_MS) this.update({ heardAt: now });
  }

  /**
   * When it is a ghost unless it is heard from, Unix ms; `null` for a plain socket, which has no
   * way to ping.
   */
  get ghostAt(): number | null {
    if (this.isPlain) return null;
    return Math.max(this.#heardAt, this.peer.pingedAt() ?? 0) + STALE_AFTER_MS;
  }

  say(line: ServerLine): void {
    this.sayRaw(JSON.stringify(line));
  }

  /** Says a line that is serialised already. */
  sayRaw(line: string): void {
    this.#lines.push(line);
    this.#addressed.add(this);
  }

  /** Tells that the command `id` was refused. */
  sendError({ code, message, retryAfter }: CommandError, id: string | undefined): void {
    this.say({
      type: "error",
      ...(id !== undefined && { id }),
      code,
      message,
      ...(retryAfter !== undefined && { retryAfter }),
    });
  }

  /** Refuses what should not have been said. `now` is Unix ms. */
  reject(refusal: CommandError, id: string | undefined, now: number): void {
    this.sendError(refusal, id);
    this.strike(now);
  }

  /** Tells a plain sender why a text of theirs was not sent. `now` is Unix ms. */
  rejectPlain(reason: string, now: number): void {
    this.sayRaw(`* not sent: ${reason}`);
    this.strike(now);
  }

  /** Takes note of a refusal: who is refused far too often goes. `now` is Unix ms. */
  strike(now: number): void {
    if (this.#patience.take(now) > 0) this.expel(CloseCode.RateAbuse);
  }

  /** Closes it with the next flush; from now on it is not heard. */
  expel(code: CloseCode): void {
    this.closed = true;
    this.#expelled ??= code;
    this.#addressed.add(this);
  }

  /**
   * Sends its own lines and then `shared`, lines that are the same for others too, as one frame.
   * A reader who leaves too much unread gets no more: what it misses it can resume.
   *
   * @returns whether this was its last
   */
  flush(shared: string): boolean {
    if (this.peer.unsent() > MAX_BUFFERED_BYTES) this.expel(CloseCode.SlowReader);
    else this.#send(shared);
    if (this.#expelled === null) return false;
    // Its close may come while the room sleeps; it has left by then.
    this.peer.keep({ ...this.#session, joined: false });
    this.peer.close(this.#expelled, CLOSE_REASON[this.#expelled]);
    return true;
  }

  #send(shared: string): void {
    if (this.#lines.length === 0) {
      if (shared !== "") this.peer.send(shared);
      return;
    }
    if (shared !== "") this.#lines.push(shared);
    this.peer.send(this.#lines.join("\n"));
    this.#lines = [];
  }
}
