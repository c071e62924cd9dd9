/** Room: everyone in it, the log of what they say, and who is told what. */
import {
  type ClientCommand,
  CloseCode,
  type Command,
  cleanName,
  guestName,
  MAX_ONLINE_FOR_TYPING,
  PONG,
  type PostBody,
  reject,
} from "../protocol/index.ts";
import { sharedLines } from "./broadcast.ts";
import { CommandQueue, type Settle } from "./command-queue.ts";
import type { RoomConfig } from "./config.ts";
import { Connection, type Peer } from "./connection.ts";
import { anonymousUserId, newRoomSecrets, userId } from "./identity.ts";
import { commandsOf, textOf } from "./intake.ts";
import type { Log } from "./log.ts";
import { Membership } from "./membership.ts";
import { Pacing } from "./pacing.ts";
import { withoutId } from "./pages.ts";
import { Posters } from "./posters.ts";
import type { RateLimiter } from "./rate-limit.ts";
import type { Content } from "./recent-commands.ts";
import { HEARD_PRECISION_MS, type Mode, type Session } from "./session.ts";
import { Tail } from "./tail.ts";
import { Typing } from "./typing.ts";
import { welcomeLine } from "./welcome.ts";

/** RoomReport is told what the operator should know; it never holds a text, a key or an address. */
export type RoomReport = (event: string, error: unknown) => void;

/**
 * Room is one chat room: it takes what its connections say, carries it out against the log, and
 * tells everyone. It has no clock: whatever happens is handed in with its time, Unix ms, and
 * whoever drives it calls `run` at `dueAt`.
 */
export class Room {
  /** When the next flush may start; whoever drives the room watches how the last one leaves. */
  readonly pacing = new Pacing();
  readonly #name: string;
  readonly #config: RoomConfig;
  readonly #report: RoomReport;
  readonly #log: Log;
  readonly #tail: Tail;
  readonly #queue: CommandQueue;
  readonly #members = new Membership();
  readonly #typing = new Typing();
  readonly #posters: Posters;
  /** Connections that have lines of their own to be sent, or are to be closed. */
  readonly #addressed = new Set<Connection>();

  constructor(name: string, log: Log, config: RoomConfig, report: RoomReport) {
    this.#name = name;
    this.#log = log;
    this.#config = config;
    this.#report = report;
    this.#tail = new Tail(log);
    this.#queue = new CommandQueue(log, config, report);
    this.#posters = new Posters(config);
  }

  get isFull(): boolean {
    return this.#members.connections.size >= this.#config.maxConnections;
  }

  /** People in the room. */
  get online(): number {
    return this.#members.presence.online;
  }

  /** A socket opened. */
  open(peer: Peer, mode: Mode, now: number): Connection {
    const user = anonymousUserId();
    const name = guestName(user);
    const session: Session = { mode, user, name, joined: mode === "plain", since: now, heardAt: now };
    peer.keep(session);
    this.pacing.opened();
    return this.#admit(peer, session);
  }

  /** Takes back a connection that outlasted a hibernation; nobody is told, since nobody noticed. */
  restore(peer: Peer, session: Session): Connection {
    // What was heard after it was last written down is not known any more.
    const connection = this.#admit(peer, { ...session, heardAt: session.heardAt + HEARD_PRECISION_MS });
    this.#members.presence.settle();
    return connection;
  }

  #admit(peer: Peer, session: Session): Connection {
    const connection = new Connection(peer, session, this.#config, this.#addressed);
    this.#members.add(connection);
    return connection;
  }

  /** A socket closed, from whichever side. */
  close(connection: Connection, now: number): void {
    connection.closed = true;
    this.#addressed.delete(connection);
    this.#members.remove(connection, now);
    if (connection.joined) this.#typing.stop(connection.user);
  }

  /** A frame came in. */
  receive(connection: Connection, frame: string | ArrayBuffer, now: number): void {
    if (connection.closed) return;
    connection.heard(now);
    const wasJoined = connection.joined;
    try {
      this.#take(connection, frame, now);
    } catch (error) {
      this.#report("a frame failed", error);
      // Without its welcome a connection cannot take part.
      if (connection.joined !== wasJoined) connection.expel(CloseCode.InternalError);
      connection.reject({ code: "internal", message: "something went wrong here" }, undefined, now);
    }
  }

  #take(connection: Connection, frame: string | ArrayBuffer, now: number): void {
    if (connection.isPlain) {
      const text = textOf(connection, frame);
      if (text !== "") this.#sendPlain(connection, text, now);
      return;
    }
    for (const command of commandsOf(connection, frame, now)) this.#handle(connection, command, now);
  }

  /** A message came by HTTP; `settle` is told how it went once that is certain. */
  post(body: PostBody, address: string, settle: Settle, now: number): void {
    const { secret } = this.#log.create(newRoomSecrets);
    const user = body.key === undefined ? anonymousUserId() : userId(secret, body.key);
    const waitMs = this.#posters.take(address, body.key === undefined ? null : user, now);
    if (waitMs > 0) {
      settle(reject("rate_limited", tooFast(waitMs), waitMs));
      return;
    }
    const author = { user, name: cleanName(body.name ?? "") || guestName(user) };
    const content: Content = { type: "send", text: body.text };
    this.#queue.add({ author: () => author, content, id: body.id, plain: false, settle });
  }

  /** When `run` has something to do, Unix ms, or `null`; while a flush is leaving, that is told by `pacing`. */
  get dueAt(): number | null {
    if (this.pacing.isDraining) return null;
    const due = [
      this.#queue.size > 0 || this.#addressed.size > 0 ? 0 : null,
      this.#members.presence.dueAt,
      this.#typing.dueAt,
      this.#members.helloDueAt,
    ].filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** Does all that is due: closes those who never said hello, and flushes where there is something to tell. */
  run(now: number): void {
    for (const connection of this.#members.takeOverdue(now)) connection.expel(CloseCode.NoHello);
    this.#members.presence.expire(now);
    this.#typing.expire(now);
    if (!this.pacing.isDraining) this.#flush(now);
  }

  /** Whether dead links would be noticed, and have to be swept. */
  get needsSweep(): boolean {
    return this.#members.needsSweep;
  }

  /**
   * Closes the sockets that were not heard from for too long.
   *
   * @returns when to sweep next, Unix ms, or `null` where nobody would notice a ghost
   */
  sweep(now: number): number | null {
    const { found, nextAt } = this.#members.ghosts(now);
    for (const connection of found) connection.expel(CloseCode.Stale);
    return nextAt;
  }

  /**
   * Carries out what is queued in one transaction, and sends each connection one frame of all
   * that is due to it: its own lines first, so that an `ok` comes before its event.
   */
  #flush(now: number): void {
    const said = this.#queue.commit(now, this.#members.connections.size);
    for (const { event } of said) {
      this.#tail.add(event);
      if (event.type === "message") this.#typing.stop(event.user);
    }
    const { v1, plain } = sharedLines(said, [this.#members.presence.tell(now), this.#tellTyping(now)]);
    const recipients = v1 === "" ? this.#addressed : this.#members.connections;
    let frames = 0;
    for (const connection of recipients) {
      const shared = !connection.joined ? "" : connection.isPlain ? plain : v1;
      if (this.#deliver(connection, shared)) this.close(connection, now);
      frames += 1;
    }
    this.#addressed.clear();
    this.pacing.flushed(frames);
  }

  /** Flushes one connection, whose failure is its own: the others get their frames. Gives whether it was its last. */
  #deliver(connection: Connection, shared: string): boolean {
    try {
      return connection.flush(shared);
    } catch (error) {
      this.#report("a frame could not be sent", error);
      return true;
    }
  }

  #tellTyping(now: number) {
    if (this.online > MAX_ONLINE_FOR_TYPING) this.#typing.clear();
    return this.#typing.tell(now);
  }

  #sendPlain(connection: Connection, text: string, now: number): void {
    const waitMs = connection.commands.take(now);
    if (waitMs > 0) {
      connection.rejectPlain(`too fast, try again in ${Math.ceil(waitMs / 1000)} s`, now);
      return;
    }
    this.#enqueue(connection, { type: "send", text }, undefined, now);
  }

  #handle(connection: Connection, command: ClientCommand, now: number): void {
    const id = "id" in command ? command.id : undefined;
    if ((command.type === "ping" || command.type === "typing") && connection.asides.take(now) > 0) {
      const message = "too many lines";
      connection.reject({ code: "rate_limited", message, retryAfter: 1_000 }, id, now);
    } else if (command.type === "ping") {
      connection.sayRaw(PONG);
    } else if (command.type === "hello") {
      if (!connection.joined) this.#join(connection, command, now);
      else connection.reject({ code: "bad_request", message: "hello comes once" }, id, now);
    } else if (!connection.joined) {
      connection.reject({ code: "not_joined", message: "say hello first" }, id, now);
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
        const { events, more } = this.#log.before(command.before, command.limit);
        connection.say({ type: "history", id: command.id, events: events.map(withoutId), more });
        return;
      }
      case "rename":
        if (!this.#allow(connection, connection.commands, command.id, now)) return;
        this.#members.rename(connection.user, cleanName(command.name) || guestName(connection.user));
        connection.say({ type: "ok", id: command.id });
        return;
      default: {
        if (!this.#allow(connection, connection.commands, command.id, now)) return;
        const { id, ...content } = command;
        this.#enqueue(connection, content, id, now);
      }
    }
  }

  #join(connection: Connection, hello: Command<"hello">, now: number): void {
    const { presence } = this.#members;
    const { secret } = this.#log.create(newRoomSecrets);
    const user = hello.key === undefined ? connection.user : userId(secret, hello.key);
    // Whoever is here already keeps their name, unless the new window brings another.
    const name = cleanName(hello.name ?? "") || presence.nameOf(user) || guestName(user);
    this.#members.join(connection, user, name);
    const parts = { log: this.#log, tail: this.#tail, presence };
    connection.sayRaw(welcomeLine(this.#name, { user, name }, hello, parts, now));
  }

  #enqueue(connection: Connection, content: Content, id: string | undefined, now: number): void {
    const settle: Settle = (result) => {
      if (!this.#members.connections.has(connection)) return;
      if (!result.ok && connection.isPlain) connection.rejectPlain(result.error.message, now);
      else if (!result.ok) connection.reject(result.error, id, now);
      else if (id !== undefined) connection.say({ type: "ok", id, seq: result.value.seq });
    };
    this.#queue.add({ author: () => connection, content, id, plain: connection.isPlain, settle });
  }

  /** Takes a token of `limiter`, or refuses the command. */
  #allow(connection: Connection, limiter: RateLimiter, id: string, now: number): boolean {
    const waitMs = limiter.take(now);
    if (waitMs > 0) {
      connection.reject({ code: "rate_limited", message: tooFast(waitMs), retryAfter: waitMs }, id, now);
    }
    return waitMs === 0;
  }
}

function tooFast(waitMs: number): string {
  return `too fast: try again in ${waitMs} ms`;
}
