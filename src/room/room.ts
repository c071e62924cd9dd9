/** Room: everyone in it, the log of what they say, and who is told what. */
import {
  type ClientCommand,
  CloseCode,
  type Command,
  cleanName,
  exceedsBytes,
  guestName,
  HELLO_TIMEOUT_MS,
  MAX_FRAME_BYTES,
  MAX_FRAME_LINES,
  MAX_NAME_GRAPHEMES,
  MAX_ONLINE_FOR_TYPING,
  MAX_RESUME_EVENTS,
  MAX_TEXT_BYTES,
  type Message,
  PONG,
  type PostBody,
  parseCommand,
  plainLine,
  type Refusal,
  type RoomEvent,
  refuse,
  splitLines,
} from "../protocol/index.ts";
import { Pacer, sharedLines } from "./broadcast.ts";
import { CommandQueue, type Settle } from "./command-queue.ts";
import type { RoomConfig } from "./config.ts";
import { Connection, type Peer } from "./connection.ts";
import { newRoomSecrets, throwawayUserId, userId } from "./identity.ts";
import type { Log } from "./log.ts";
import { Presence } from "./presence.ts";
import { RateLimiter } from "./rate-limit.ts";
import type { Content } from "./recent-commands.ts";
import type { Mode, Session } from "./session.ts";
import { Tail } from "./tail.ts";
import { Typing } from "./typing.ts";

/** RoomReport is told what the operator should know; it never holds a text, a key or an address. */
export type RoomReport = (event: string, error: unknown) => void;

export interface RoomSummary {
  readonly room: string;
  /** `""` where nobody ever wrote. */
  readonly epoch: string;
  readonly seq: number;
  readonly online: number;
}

/** Page of messages as they now stand, oldest first. */
export interface BeforePage {
  readonly epoch: string;
  readonly seq: number;
  readonly events: readonly Message[];
  readonly more: boolean;
}

/** Page of events, oldest first; `"epoch"` where the log is another, `"pruned"` where some are gone. */
export type AfterPage =
  | {
      readonly epoch: string;
      readonly seq: number;
      readonly events: readonly RoomEvent[];
      readonly more: boolean;
    }
  | "epoch"
  | "pruned";

/** Buckets of people who post over HTTP; full ones are forgotten beyond this many. */
const MAX_POSTERS = 1_000;

/**
 * Room is one chat room: it takes what its connections say, carries it out against the log, and
 * tells everyone. It has no clock: whatever happens is handed in with its time, Unix ms, and
 * whoever drives it calls `run` at `dueAt`.
 */
export class Room {
  readonly #name: string;
  readonly #config: RoomConfig;
  readonly #log: Log;
  readonly #tail: Tail;
  readonly #queue: CommandQueue;
  readonly #connections = new Set<Connection>();
  readonly #presence = new Presence();
  readonly #typing = new Typing();
  readonly #pacer = new Pacer();
  /** Connections that have lines of their own to be sent. */
  readonly #addressed = new Set<Connection>();
  /** Those that have not said `hello`, the longest first. */
  readonly #silent = new Set<Connection>();
  readonly #posters = new Map<string, RateLimiter>();

  constructor(name: string, log: Log, config: RoomConfig, report: RoomReport) {
    this.#name = name;
    this.#log = log;
    this.#config = config;
    this.#tail = new Tail(log);
    this.#queue = new CommandQueue(log, config, report);
  }

  /** Connections in the room. */
  get size(): number {
    return this.#connections.size;
  }

  get isFull(): boolean {
    return this.size >= this.#config.maxConnections;
  }

  /** People in the room. */
  get online(): number {
    return this.#presence.online;
  }

  /** A socket opened. */
  open(peer: Peer, mode: Mode, now: number): Connection {
    const user = throwawayUserId();
    const session: Session = { mode, user, name: guestName(user), joined: mode === "plain", since: now };
    const connection = new Connection(peer, session, this.#config);
    peer.keep(session);
    this.#connections.add(connection);
    if (session.joined) this.#presence.enter(user, session.name);
    else this.#silent.add(connection);
    return connection;
  }

  /** Takes back a connection that outlasted a hibernation; nobody is told, since nobody noticed. */
  restore(peer: Peer, session: Session): Connection {
    const connection = new Connection(peer, session, this.#config);
    this.#connections.add(connection);
    if (session.joined) this.#presence.enter(session.user, session.name);
    else this.#silent.add(connection);
    this.#presence.settle();
    return connection;
  }

  /** A socket closed, from whichever side. */
  close(connection: Connection, now: number): void {
    connection.closed = true;
    this.#silent.delete(connection);
    this.#addressed.delete(connection);
    if (!this.#connections.delete(connection) || !connection.joined) return;
    this.#presence.exit(connection.user, now);
    this.#typing.stop(connection.user);
  }

  /** A frame came in. */
  receive(connection: Connection, frame: string | ArrayBuffer, now: number): void {
    if (connection.closed) return;
    if (connection.isPlain) this.#receivePlain(connection, frame, now);
    else if (typeof frame !== "string") this.#expel(connection, CloseCode.UnsupportedData);
    else if (exceedsBytes(frame, MAX_FRAME_BYTES)) this.#expel(connection, CloseCode.MessageTooBig);
    else this.#receiveLines(connection, splitLines(frame), now);
  }

  /** A message came by HTTP; `settle` is told how it went once that is certain. */
  post(body: PostBody, address: string, settle: Settle, now: number): void {
    const { secret } = this.#log.create(newRoomSecrets);
    const user = body.key === undefined ? throwawayUserId() : userId(secret, body.key);
    const waitMs = this.#poster(body.key === undefined ? address : user, now).take(now);
    if (waitMs > 0) {
      settle(refuse("rate_limited", tooFast(waitMs), waitMs));
      return;
    }
    const author = { user, name: cleanName(body.name ?? "") || guestName(user) };
    this.#queue.add({
      author: () => author,
      content: { type: "send", text: body.text },
      id: body.id,
      plain: false,
      settle,
    });
  }

  summary(): RoomSummary {
    return { room: this.#name, epoch: this.#log.epoch, seq: this.#log.head, online: this.online };
  }

  /** The newest `limit` messages before `seq`. */
  messagesBefore(seq: number, limit: number): BeforePage {
    const { events, more } = this.#log.before(seq, limit);
    return { epoch: this.#log.epoch, seq: this.#log.head, events: events.map(withoutId), more };
  }

  /** The first `limit` events after `seq` of the log named `epoch`. */
  eventsAfter(seq: number, epoch: string | undefined, limit: number): AfterPage {
    if (epoch !== undefined && epoch !== this.#log.epoch) return "epoch";
    if (seq < this.#log.pruned) return "pruned";
    const { events, more } = this.#log.after(seq, limit);
    return { epoch: this.#log.epoch, seq: this.#log.head, events: events.map(withoutId), more };
  }

  /** When `run` has something to do, Unix ms, or `null`. */
  get dueAt(): number | null {
    const [silent] = this.#silent;
    const due = [
      this.#queue.size > 0 || this.#addressed.size > 0 ? this.#pacer.readyAt : null,
      this.#presence.dueAt,
      this.#typing.dueAt,
      silent === undefined ? null : silent.session.since + HELLO_TIMEOUT_MS,
    ].filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** Does all that is due: closes those who never said hello, and flushes where there is something to tell. */
  run(now: number): void {
    for (const connection of this.#silent) {
      if (connection.session.since + HELLO_TIMEOUT_MS > now) break;
      this.#expel(connection, CloseCode.NoHello);
    }
    this.#presence.expire(now);
    this.#typing.expire(now);
    if (this.#pacer.isReady(now)) this.#flush(now);
  }

  /**
   * Carries out what is queued in one transaction, and sends each connection one frame of all
   * that is due to it: its own lines first, so that an `ok` comes before its event.
   */
  #flush(now: number): void {
    const said = this.#queue.commit(now);
    for (const { event } of said) {
      this.#tail.add(event);
      if (event.type === "message") this.#typing.stop(event.user);
    }
    const { v1, plain } = sharedLines(said, [this.#presence.tell(now), this.#tellTyping(now)]);
    const recipients = v1 === "" ? this.#addressed : this.#connections;
    let frames = 0;
    for (const connection of recipients) {
      const shared = !connection.joined ? "" : connection.isPlain ? plain : v1;
      if (connection.flush(shared)) this.close(connection, now);
      frames += 1;
    }
    this.#addressed.clear();
    this.#pacer.flushed(now, frames);
  }

  #tellTyping(now: number) {
    if (this.online > MAX_ONLINE_FOR_TYPING) this.#typing.clear();
    return this.#typing.tell(now);
  }

  #receivePlain(connection: Connection, frame: string | ArrayBuffer, now: number): void {
    const raw = typeof frame === "string" ? frame : new TextDecoder().decode(frame);
    if (exceedsBytes(raw, MAX_TEXT_BYTES)) {
      this.#expel(connection, CloseCode.MessageTooBig);
      return;
    }
    const text = plainLine(raw.replaceAll("\0", "\uFFFD"));
    if (text === "") return;
    const waitMs = connection.commands.take(now);
    if (waitMs > 0) {
      connection.sayRaw(`* not sent: too fast, try again in ${Math.ceil(waitMs / 1000)} s`);
      this.#refused(connection, now);
      return;
    }
    this.#enqueue(connection, { type: "send", text }, undefined);
  }

  #receiveLines(connection: Connection, lines: readonly string[], now: number): void {
    if (lines.length > MAX_FRAME_LINES) {
      this.#refuse(
        connection,
        { code: "bad_request", message: `a frame holds ${MAX_FRAME_LINES} lines at most` },
        undefined,
        now,
      );
      return;
    }
    for (const line of lines) {
      if (connection.closed) return;
      const parsed = parseCommand(line);
      connection.notJson = !parsed.ok && parsed.error.notJson ? connection.notJson + 1 : 0;
      if (parsed.ok) this.#handle(connection, parsed.value, now);
      else this.#refuse(connection, parsed.error, parsed.error.id, now);
      if (connection.notJson >= 3) this.#expel(connection, CloseCode.InvalidPayload);
    }
  }

  #handle(connection: Connection, command: ClientCommand, now: number): void {
    const id = "id" in command ? command.id : undefined;
    if (command.type === "ping") {
      connection.sayRaw(PONG);
      this.#addressed.add(connection);
    } else if (command.type === "hello") {
      if (connection.joined)
        this.#refuse(connection, { code: "bad_request", message: "hello comes once" }, id, now);
      else this.#join(connection, command, now);
    } else if (!connection.joined) {
      this.#refuse(connection, { code: "not_joined", message: "say hello first" }, id, now);
    } else {
      this.#carryOut(connection, command, now);
    }
  }

  #carryOut(
    connection: Connection,
    command: Exclude<ClientCommand, { type: "hello" | "ping" }>,
    now: number,
  ): void {
    switch (command.type) {
      case "typing":
        if (command.on && this.online <= MAX_ONLINE_FOR_TYPING) this.#typing.start(connection.user, now);
        else this.#typing.stop(connection.user);
        return;
      case "history": {
        if (!this.#allow(connection, connection.reads, command.id, now)) return;
        const page = this.#log.before(command.before, command.limit);
        const events = page.events.map(withoutId);
        connection.say({ type: "history", id: command.id, events, more: page.more });
        this.#addressed.add(connection);
        return;
      }
      case "rename":
        if (!this.#allow(connection, connection.commands, command.id, now)) return;
        this.#rename(connection, command.name);
        connection.say({ type: "ok", id: command.id });
        this.#addressed.add(connection);
        return;
      default: {
        if (!this.#allow(connection, connection.commands, command.id, now)) return;
        const { id, ...content } = command;
        this.#enqueue(connection, content, id);
      }
    }
  }

  #join(connection: Connection, hello: Command<"hello">, now: number): void {
    const { secret } = this.#log.create(newRoomSecrets);
    const user = hello.key === undefined ? connection.user : userId(secret, hello.key);
    connection.update({ user, name: cleanName(hello.name ?? "") || guestName(user), joined: true });
    this.#silent.delete(connection);
    this.#presence.enter(user, connection.name);
    connection.sayRaw(this.#welcome(connection, hello, now));
    this.#addressed.add(connection);
  }

  /** The `welcome` line, put together from parts that are serialised already. */
  #welcome(connection: Connection, hello: Command<"hello">, now: number): string {
    const log = this.#log;
    const { resume } = hello;
    const resumed =
      resume !== undefined &&
      resume.epoch === log.epoch &&
      resume.seq <= log.head &&
      resume.seq >= log.pruned &&
      log.head - resume.seq <= MAX_RESUME_EVENTS;
    const excerpt = resumed
      ? this.#tail.since(resume.seq, connection.user)
      : this.#tail.newest(hello.history, connection.user);
    const head = JSON.stringify({
      type: "welcome",
      room: this.#name,
      you: { user: connection.user, name: connection.name },
      epoch: log.epoch,
      seq: log.head,
      resumed,
      more: excerpt.more,
      online: this.online,
      limits: { text: MAX_TEXT_BYTES, name: MAX_NAME_GRAPHEMES, frame: MAX_FRAME_BYTES },
      now,
    });
    return `${head.slice(0, -1)},"members":${this.#presence.membersJson},"events":[${excerpt.lines.join()}]}`;
  }

  #rename(connection: Connection, raw: string): void {
    const name = cleanName(raw) || guestName(connection.user);
    // All sockets of a person speak under one name.
    for (const other of this.#connections) {
      if (other.user === connection.user && other.name !== name) other.update({ name });
    }
    this.#presence.rename(connection.user, name);
  }

  #enqueue(connection: Connection, content: Content, id: string | undefined): void {
    const settle: Settle = (result) => {
      if (id === undefined || !this.#connections.has(connection)) return;
      if (result.ok) connection.say({ type: "ok", id, seq: result.value.seq });
      else connection.refuse(result.error.code, result.error.message, id, result.error.retryAfter);
      this.#addressed.add(connection);
    };
    this.#queue.add({ author: () => connection, content, id, plain: connection.isPlain, settle });
  }

  /** Takes a token of `limiter`, or refuses the command. */
  #allow(connection: Connection, limiter: RateLimiter, id: string, now: number): boolean {
    const waitMs = limiter.take(now);
    if (waitMs > 0) {
      this.#refuse(
        connection,
        { code: "rate_limited", message: tooFast(waitMs), retryAfter: waitMs },
        id,
        now,
      );
    }
    return waitMs === 0;
  }

  #refuse(connection: Connection, refusal: Refusal, id: string | undefined, now: number): void {
    connection.refuse(refusal.code, refusal.message, id, refusal.retryAfter);
    this.#refused(connection, now);
  }

  /** Takes note of a refusal: who is refused far too often goes. */
  #refused(connection: Connection, now: number): void {
    this.#addressed.add(connection);
    if (connection.patience.take(now) > 0) this.#expel(connection, CloseCode.RateAbuse);
  }

  #expel(connection: Connection, code: CloseCode): void {
    connection.expel(code);
    this.#silent.delete(connection);
    this.#addressed.add(connection);
  }

  #poster(poster: string, now: number): RateLimiter {
    const known = this.#posters.get(poster);
    if (known !== undefined) return known;
    if (this.#posters.size >= MAX_POSTERS) {
      for (const [other, limiter] of this.#posters) if (limiter.isFull(now)) this.#posters.delete(other);
    }
    const limiter = new RateLimiter(this.#config.messageRate, this.#config.messageBurst);
    this.#posters.set(poster, limiter);
    return limiter;
  }
}

/** An event as others see it: the id of its command is its author's own affair. */
function withoutId<E extends RoomEvent>(event: E): E {
  const shown = { ...event };
  delete shown.id;
  return shown;
}

function tooFast(waitMs: number): string {
  return `too fast: try again in ${waitMs} ms`;
}
