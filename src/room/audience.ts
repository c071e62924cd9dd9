/** Audience: the connections of a room, what each may send, and what each receives. It knows no SQL. */
import {
  type ClientCommand,
  CloseCode,
  type Command,
  type CommandError,
  cleanName,
  eventBody,
  guestName,
  joinLines,
  LIMITS,
  MAX_ONLINE_FOR_TYPING,
  MAX_PAGE_LENGTH,
  PONG,
  plainLine,
  plainText,
  type ServerLine,
  withoutId,
} from "../protocol/index.ts";
import type { RoomConfig } from "./config.ts";
import { Connection, type FlushResult, type Peer } from "./connection.ts";
import { Connections } from "./connections.ts";
import { type Decoded, decodeFrame } from "./decode-frame.ts";
import { anonymousUserId, type RoomSecrets, userId } from "./identity.ts";
import type { LogReader } from "./log.ts";
import { Presence } from "./presence.ts";
import { RecentEvents } from "./recent-events.ts";
import type { Report } from "./report.ts";
import type { Committed, Submission } from "./sequencer.ts";
import { HEARD_PRECISION_MS, type Mode, type Session } from "./session.ts";
import { Typing } from "./typing.ts";

/** Unread output above which a client gets no more answers to reads: bytes and UTF-16 units together. */
const MAX_UNREAD_FOR_READS = 64 * 1024;
const UNREAD_RETRY_MS = 1_000;
/** Length of an answer that one read covers, in UTF-16 units. A longer answer counts as several reads. */
const LENGTH_PER_READ = 8 * 1024;

/** Time after which a plain connection without a frame may be replaced in a full room. */
const PLAIN_IDLE_MS = 10 * 60_000;

/** RoomLog is the log as an audience uses it: it reads events and shares the room's secrets. */
export interface RoomLog extends LogReader {
  readonly secrets: RoomSecrets;
  /** The secrets if they are not stored yet. */
  readonly unsavedSecrets: RoomSecrets | null;
  adoptSecrets(secrets: RoomSecrets): void;
}

/** AudienceOptions connect an audience to its room. */
export interface AudienceOptions {
  /** Name of the room. */
  readonly room: string;
  readonly log: RoomLog;
  readonly config: RoomConfig;
  readonly report: Report;
  /** Called with each log command that passed the checks of its connection. */
  readonly submit: (submission: Submission) => void;
}

/** Audience has no clock: times are arguments, Unix ms, and the caller calls `flush` at `dueAt`. */
export class Audience {
  readonly #options: AudienceOptions;
  readonly #recent: RecentEvents;
  readonly #connections = new Connections();
  readonly #presence = new Presence();
  readonly #typing = new Typing();
  /** Connections with pending output of their own, or that are closing. */
  readonly #dirty = new Set<Connection>();
  /** Time of the last call, Unix ms: results of commands arrive later than the commands. */
  #now = 0;

  constructor(options: AudienceOptions) {
    this.#options = options;
    this.#recent = new RecentEvents(options.log);
  }

  /** Number of connections. */
  get size(): number {
    return this.#connections.size;
  }

  /** Number of users online. */
  get online(): number {
    return this.#presence.online;
  }

  /**
   * Makes room for a new connection. Returns why it cannot be accepted, or `null`. In a full room it replaces the plain
   * connection that was idle longest: plain mode has no ping, so that one may be dead.
   *
   * @param network - network of the client as in `networkId`; `null` if it is not known
   */
  admit(network: string | null, now: number): CloseCode | null {
    const { maxConnections, maxConnectionsPerAddress } = this.#options.config;
    const isAddressFull = network !== null && this.#connections.countOf(network) >= maxConnectionsPerAddress;
    if (!isAddressFull && this.size < maxConnections) return null;
    const idle = this.#connections.longestIdlePlain(isAddressFull ? network : null, now - PLAIN_IDLE_MS);
    if (idle === null) return isAddressFull ? CloseCode.AddressFull : CloseCode.RoomFull;
    this.#startClosing(idle, CloseCode.Stale);
    return null;
  }

  /** Adds a connection whose socket has just opened. */
  open(peer: Peer, mode: Mode, network: string | null, now: number): Connection {
    const user = anonymousUserId();
    const name = guestName(user);
    const session: Session = {
      mode,
      user,
      name,
      joined: mode === "plain",
      since: now,
      heardAt: now,
      ...(network !== null && { network }),
      ...this.#unsavedSecrets(),
    };
    peer.saveSession(session);
    const connection = new Connection(peer, session, this.#options.config);
    this.#connections.add(connection);
    if (connection.isMember) this.#presence.enter(user, name);
    return connection;
  }

  /** Restores a connection after a hibernation, without a presence line: no client noticed. */
  restore(peer: Peer, session: Session): Connection {
    if (session.secrets !== undefined) this.#options.log.adoptSecrets(session.secrets);
    // The saved time may be this much too early.
    const heardAt = session.heardAt + HEARD_PRECISION_MS;
    const connection = new Connection(peer, session, this.#options.config, heardAt);
    this.#connections.add(connection);
    if (connection.isMember) this.#presence.restore(session.user, session.name);
    return connection;
  }

  /** Removes a connection whose socket is closed. */
  close(connection: Connection, now: number): void {
    this.#dirty.delete(connection);
    if (!this.#connections.delete(connection)) return;
    const { isMember, user, mode } = connection;
    connection.closed();
    if (!isMember) return;
    // The user id of a plain connection cannot return.
    if (mode === "plain") this.#presence.remove(user);
    else if (this.#presence.exit(user, now)) this.#typing.stop(user);
  }

  /** Handles a frame from a connection. */
  receive(connection: Connection, frame: string | ArrayBuffer, now: number): void {
    this.#now = now;
    if (!connection.isOpen) return;
    connection.heard(now);
    const { type } = connection.state;
    try {
      for (const part of decodeFrame(connection.mode, frame)) {
        this.#handle(connection, part, now);
        if (!connection.isOpen) return;
      }
    } catch (error) {
      this.#options.report("a frame failed", error);
      // A connection that joined without its welcome cannot take part.
      if (connection.state.type !== type) this.#startClosing(connection, CloseCode.InternalError);
      this.#reject(connection, { code: "internal", message: "something went wrong here" }, undefined, now);
    }
  }

  /** Time when `flush` has something to do, Unix ms, or `null`. */
  get dueAt(): number | null {
    const due = [
      this.#dirty.size > 0 ? 0 : null,
      this.#presence.dueAt,
      this.#typing.dueAt,
      this.#connections.helloDueAt,
    ].filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** Applies what is due by time alone: overdue hellos, and the end of presence and typing. */
  expire(now: number): void {
    this.#now = now;
    for (const connection of this.#connections.takeOverdue(now))
      this.#startClosing(connection, CloseCode.NoHello);
    this.#presence.expire(now);
    this.#typing.expire(now);
  }

  /**
   * Publishes committed events and sends each connection one frame with everything due to it. Its own lines come
   * first, so that an `ok` precedes its event.
   *
   * @returns the number of frames sent
   */
  flush(batch: readonly Committed[], now: number): number {
    for (const { event, line } of batch) {
      this.#recent.add(event, line);
      if (event.type === "message") this.#typing.stop(event.user);
    }
    if (this.online > MAX_ONLINE_FOR_TYPING) this.#typing.clear();
    const shared = sharedFrames(batch, [this.#presence.takeLine(now), this.#typing.takeLine(now)]);
    const recipients = shared["chat.v1"] === "" ? this.#dirty : this.#connections;
    let frames = 0;
    for (const connection of recipients) {
      const result = this.#send(connection, connection.isMember ? shared[connection.mode] : "");
      if (result === "closed") this.close(connection, now);
      if (result !== "idle") frames += 1;
    }
    this.#dirty.clear();
    return frames;
  }

  /** Whether a stale connection would be visible: as a user who is present but not there. */
  get needsSweep(): boolean {
    return this.online - this.#connections.plain >= 2;
  }

  /**
   * Starts to close the stale connections.
   *
   * @returns time of the next sweep, Unix ms, or `null` if none is needed
   */
  sweep(now: number): number | null {
    const { found, nextAt } = this.#connections.stale(now);
    for (const connection of found) this.#startClosing(connection, CloseCode.Stale);
    return this.needsSweep ? nextAt : null;
  }

  /** Returns the part of a session that keeps the room's secrets while the log does not. */
  #unsavedSecrets(): Pick<Session, "secrets"> {
    const { unsavedSecrets } = this.#options.log;
    return unsavedSecrets === null ? {} : { secrets: unsavedSecrets };
  }

  #handle(connection: Connection, part: Decoded, now: number): void {
    switch (part.type) {
      case "close":
        this.#startClosing(connection, part.code);
        return;
      case "invalid":
        this.#reject(connection, part.error, part.error.id, now);
        if (connection.countNotJson(part.error.notJson !== true))
          this.#startClosing(connection, CloseCode.InvalidPayload);
        return;
      case "text":
        if (this.#allow(connection, "commands", undefined, now))
          this.#submit(connection, { type: "message", text: part.text }, undefined);
        return;
      case "command":
        connection.countNotJson(true);
        this.#command(connection, part.command, now);
    }
  }

  #command(connection: Connection, command: ClientCommand, now: number): void {
    const id = "id" in command ? command.id : undefined;
    if (command.type === "hello") {
      if (connection.state.type === "opened") this.#join(connection, command, now);
      else this.#reject(connection, { code: "bad_request", message: "hello comes once" }, id, now);
      return;
    }
    if (command.type !== "ping" && connection.state.type === "opened") {
      this.#reject(connection, { code: "not_joined", message: "say hello first" }, id, now);
      return;
    }
    switch (command.type) {
      case "ping":
        if (this.#allow(connection, "ephemeral", id, now)) this.#push(connection, PONG);
        return;
      case "typing":
        if (!this.#allow(connection, "ephemeral", id, now)) return;
        if (command.on && this.online <= MAX_ONLINE_FOR_TYPING) this.#typing.start(connection.user, now);
        else this.#typing.stop(connection.user);
        return;
      case "history":
        if (this.#allow(connection, "reads", id, now)) this.#history(connection, command, now);
        return;
      case "rename":
        if (!this.#allow(connection, "commands", id, now)) return;
        this.#rename(connection.user, cleanName(command.name) || guestName(connection.user));
        this.#push(connection, { type: "ok", id: command.id });
        return;
      default:
        if (this.#allow(connection, "commands", id, now))
          this.#submit(connection, eventBody(command), command.id);
    }
  }

  #join(connection: Connection, hello: Command<"hello">, now: number): void {
    const { log, room } = this.#options;
    const { epoch, secret } = log.secrets;
    const user = hello.key === undefined ? connection.user : userId(secret, hello.key);
    // A user who is online keeps the name, unless this connection brings another.
    const name = cleanName(hello.name ?? "") || this.#presence.nameOf(user) || guestName(user);
    connection.join(user, name, this.#unsavedSecrets());
    this.#connections.joined(connection);
    this.#presence.enter(user, name);
    this.#rename(user, name);
    const { resume } = hello;
    const missed = resume?.epoch === epoch ? this.#recent.since(resume.seq, user) : null;
    const { lines, more } = missed ?? this.#recent.newest(hello.history, user);
    const welcome = JSON.stringify({
      type: "welcome",
      room,
      you: { user, name },
      epoch,
      seq: log.head,
      resumed: missed !== null,
      more,
      online: this.online,
      limits: LIMITS,
      now,
    });
    // The rest is serialised already.
    const rest = `"members":${this.#presence.snapshotJson()},"events":[${lines.join()}]}`;
    this.#push(connection, `${welcome.slice(0, -1)},${rest}`);
  }

  #history(connection: Connection, { id, before, limit }: Command<"history">, now: number): void {
    if (connection.unreadLength > MAX_UNREAD_FOR_READS) {
      const message = "read the earlier answers before asking for more";
      this.#reject(connection, { code: "rate_limited", message, retryAfter: UNREAD_RETRY_MS }, id, now);
      return;
    }
    const { events, more } = this.#options.log.before(before, limit, MAX_PAGE_LENGTH);
    const line = JSON.stringify({ type: "history", id, events: events.map(withoutId), more });
    connection.limits.reads.charge(Math.floor(line.length / LENGTH_PER_READ), now);
    this.#push(connection, line);
  }

  /** Renames a user on all connections. */
  #rename(user: string, name: string): void {
    if (this.#presence.nameOf(user) !== name) {
      for (const connection of this.#connections) {
        if (connection.user === user && connection.name !== name) connection.rename(name);
      }
    }
    this.#presence.rename(user, name);
  }

  /** Takes a token of a limit of the connection, or rejects the command. */
  #allow(
    connection: Connection,
    limit: keyof Connection["limits"],
    id: string | undefined,
    now: number,
  ): boolean {
    const waitMs = connection.limits[limit].take(now);
    if (waitMs === 0) return true;
    const wait = connection.mode === "plain" ? `${Math.ceil(waitMs / 1000)} s` : `${waitMs} ms`;
    const message = `too fast, try again in ${wait}`;
    this.#reject(connection, { code: "rate_limited", message, retryAfter: waitMs }, id, now);
    return false;
  }

  #submit(connection: Connection, body: Submission["body"], id: string | undefined): void {
    this.#options.submit({
      author: () => connection,
      body,
      id,
      isPlain: connection.mode === "plain",
      onResult: (result) => {
        if (!this.#connections.has(connection)) return;
        if (!result.ok) this.#reject(connection, result.error, id, this.#now);
        else if (id !== undefined) this.#push(connection, { type: "ok", id, seq: result.value.seq });
      },
    });
  }

  #push(connection: Connection, line: ServerLine | string): void {
    connection.push(line);
    this.#dirty.add(connection);
  }

  #startClosing(connection: Connection, code: CloseCode): void {
    connection.startClosing(code);
    this.#dirty.add(connection);
  }

  /** Rejects a command. A client whose commands are rejected far too often is disconnected. */
  #reject(connection: Connection, error: CommandError, id: string | undefined, now: number): void {
    connection.pushError(error, id);
    this.#dirty.add(connection);
    if (connection.limits.errors.take(now) > 0) this.#startClosing(connection, CloseCode.RateAbuse);
  }

  /** Flushes one connection. An error of its socket does not affect the others. */
  #send(connection: Connection, shared: string): FlushResult {
    try {
      return connection.flush(shared);
    } catch (error) {
      this.#options.report("a frame could not be sent", error);
      return "closed";
    }
  }
}

/** Joins the lines of a flush that all connections of a mode receive. */
function sharedFrames(
  batch: readonly Committed[],
  ephemeral: readonly (ServerLine | null)[],
): Readonly<Record<Mode, string>> {
  const lines = batch.map(({ line }) => line);
  for (const line of ephemeral) if (line !== null) lines.push(JSON.stringify(line));
  const plain: string[] = [];
  for (const { event, isPlain } of batch) {
    const text = plainText(event);
    if (text !== null) plain.push(plainLine(isPlain ? text : `${event.name}: ${text}`));
  }
  return { "chat.v1": joinLines(lines), plain: joinLines(plain) };
}
