/** Connection: one socket in the room, its state and its pending output. */
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

/** Peer is the socket as the room uses it. */
export interface Peer {
  /** Sends a text frame. On a socket that is not open it does nothing. */
  send(frame: string): void;
  close(code: number, reason: string): void;
  /** Saves the session beside the socket, for the time after a hibernation. */
  saveSession(session: Session): void;
  /** Time when the runtime last answered a ping, Unix ms, or `null`. */
  pingedAt(): number | null;
  /** Bytes sent that the client has not read yet. */
  bufferedAmount(): number;
}

/** FlushResult is what a flush did with a connection. */
export type FlushResult = "sent" | "idle" | "closed";

/** State of a connection. Frames from a closing connection are ignored; it gets one last frame. */
export type ConnectionState =
  | { readonly type: "opened" }
  /** Its `hello` waits for a commit. */
  | { readonly type: "joining" }
  /** Its user waits to be let in. */
  | { readonly type: "waiting" }
  | { readonly type: "joined" }
  | { readonly type: "closing"; readonly code: CloseCode; readonly wasJoined: boolean }
  | { readonly type: "closed" };

/** Rejected lines that one connection may cause at once, and how many more a second. */
const ERROR_BURST = 200;
const ERROR_RATE = 10;
/** Reads of history: about as fast as a user scrolls. */
const READ_BURST = 10;
const READ_RATE = 10;
/** Ephemeral lines: typing, and pings among other lines. */
const EPHEMERAL_BURST = 500;
const EPHEMERAL_RATE = 50;
/** Lines in a row that are not JSON after which the client is taken to speak another protocol. */
const MAX_NOT_JSON = 3;

export class Connection {
  readonly limits: Readonly<Record<"commands" | "reads" | "ephemeral" | "errors", RateLimiter>>;
  readonly #peer: Peer;
  #session: Session;
  #state: ConnectionState;
  #heardAt: number;
  #notJson = 0;
  /** Its own lines, sent with the next flush. */
  #lines: string[] = [];
  #linesLength = 0;

  /** @param heardAt - time of its last frame, Unix ms */
  constructor(peer: Peer, session: Session, config: RoomConfig, heardAt = session.heardAt) {
    this.#peer = peer;
    this.#session = session;
    this.#state = { type: session.joined ? "joined" : session.waiting ? "waiting" : "opened" };
    this.#heardAt = heardAt;
    this.limits = {
      commands: new RateLimiter(config.messageRate, config.messageBurst),
      reads: new RateLimiter(READ_RATE, READ_BURST),
      ephemeral: new RateLimiter(EPHEMERAL_RATE, EPHEMERAL_BURST),
      errors: new RateLimiter(ERROR_RATE, ERROR_BURST),
    };
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get user(): string {
    return this.#session.user;
  }

  get name(): string {
    return this.#session.name;
  }

  get mode(): Session["mode"] {
    return this.#session.mode;
  }

  /** Network of the client as in `networkId`, if it is known. */
  get network(): string | undefined {
    return this.#session.network;
  }

  /** Time of its last frame, Unix ms. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Time when it opened, Unix ms. */
  get since(): number {
    return this.#session.since;
  }

  /** Whether frames from it are still handled. */
  get isOpen(): boolean {
    return this.#state.type !== "closing" && this.#state.type !== "closed";
  }

  /** Whether its user counts as present: also while it is closing. */
  get isMember(): boolean {
    return this.#state.type === "joined" || (this.#state.type === "closing" && this.#state.wasJoined);
  }

  /**
   * Whether it still gets events. If one of its commands may be lost, its client resumes instead, and
   * gets its own events with the ids of their commands.
   */
  get isReader(): boolean {
    return this.isMember && !(this.#state.type === "closing" && this.#state.code === CloseCode.Moved);
  }

  /** Joins the room as `user`. */
  join(user: string, name: string, secrets: Pick<Session, "secrets">): void {
    this.#state = { type: "joined" };
    this.#save({ user, name, joined: true, waiting: false, ...secrets });
  }

  /** Records that its `hello` waits for a commit. Later commands wait for it. */
  startJoining(): void {
    this.#state = { type: "joining" };
  }

  /** Records that it waits to be let in as `user`. */
  wait(user: string, name: string, secrets: Pick<Session, "secrets">): void {
    this.#state = { type: "waiting" };
    this.#save({ user, name, waiting: true, ...secrets });
  }

  rename(name: string): void {
    this.#save({ name });
  }

  /** Records that a frame arrived. `now` is Unix ms. */
  heard(now: number): void {
    this.#heardAt = now;
    if (now - this.#session.heardAt >= HEARD_PRECISION_MS) this.#save({ heardAt: now });
  }

  /** Records whether a line was JSON. Returns whether too many lines in a row were not. */
  countNotJson(isJson: boolean): boolean {
    this.#notJson = isJson ? 0 : this.#notJson + 1;
    return this.#notJson >= MAX_NOT_JSON;
  }

  /**
   * Time when it becomes stale unless a frame arrives, Unix ms; `null` in plain mode, which has no ping.
   */
  get staleAt(): number | null {
    if (this.mode === "plain") return null;
    return Math.max(this.#heardAt, this.#peer.pingedAt() ?? 0) + STALE_AFTER_MS;
  }

  /** Adds a line to the pending output. A string is a serialised line. */
  push(line: ServerLine | string): void {
    const text = typeof line === "string" ? line : JSON.stringify(line);
    this.#lines.push(text);
    this.#linesLength += text.length;
  }

  /** Adds the error of a rejected command to the pending output. In plain mode `id` is not shown. */
  pushError(error: CommandError, id: string | undefined): void {
    if (this.mode === "plain") {
      // Outside the room the error is not about a text.
      this.push(`* ${this.#state.type === "joined" ? "not sent: " : ""}${error.message}`);
      return;
    }
    this.push({ type: "error", ...(id !== undefined && { id }), ...error });
  }

  /** Length of its output that the client has not read: bytes in the runtime and pending UTF-16 units. */
  get unreadLength(): number {
    return this.#peer.bufferedAmount() + this.#linesLength;
  }

  /** Starts to close it: the next flush sends the pending output and closes the socket. */
  startClosing(code: CloseCode): void {
    if (this.isOpen) this.#state = { type: "closing", code, wasJoined: this.#state.type === "joined" };
  }

  /** Records that the socket is closed. */
  closed(): void {
    this.#state = { type: "closed" };
  }

  /**
   * Sends its pending output and then `shared`, the lines for all connections, in one frame. A client that left
   * too much unread gets no frame and is closed: it can reconnect and resume.
   *
   * @returns `idle` if there was nothing to send
   */
  flush(shared: string): FlushResult {
    const isSlow = this.#peer.bufferedAmount() > MAX_BUFFERED_BYTES;
    if (isSlow) this.startClosing(CloseCode.SlowReader);
    const hasOutput = shared !== "" || this.#lines.length > 0;
    if (!isSlow) this.#send(shared);
    if (this.#state.type !== "closing") return hasOutput ? "sent" : "idle";
    const { code } = this.#state;
    // The close event may arrive after a hibernation. The user has left by then.
    this.#peer.saveSession({ ...this.#session, joined: false, waiting: false });
    this.#peer.close(code, CLOSE_REASON[code]);
    return "closed";
  }

  #send(shared: string): void {
    if (this.#lines.length === 0) {
      if (shared !== "") this.#peer.send(shared);
      return;
    }
    if (shared !== "") this.#lines.push(shared);
    const frame = this.#lines.join("\n");
    this.#lines = [];
    this.#linesLength = 0;
    this.#peer.send(frame);
  }

  #save(change: Partial<Session>): void {
    this.#session = { ...this.#session, ...change };
    this.#peer.saveSession(this.#session);
  }
}
