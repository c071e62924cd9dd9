/** Audience: the connections of a room, what each may send, and what each receives. It knows no SQL. */
import {
  beginsEpoch,
  CloseCode,
  guestName,
  joinLines,
  MAX_ONLINE_FOR_TYPING,
  plainLine,
  plainTexts,
  type RoomEvent,
  type ServerLine,
  STALE_AFTER_MS,
} from "../protocol/index.ts";
import type { AudienceOptions, AudienceParts } from "./audience-parts.ts";
import { CommandHandler } from "./command-handler.ts";
import { Connection, type FlushResult, type Peer } from "./connection.ts";
import { Connections } from "./connections.ts";
import { decodeFrame } from "./decode-frame.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { anonymousUserId } from "./identity.ts";
import { Joining } from "./joining.ts";
import { Moderation } from "./moderation.ts";
import { PendingOutput } from "./pending-output.ts";
import { Presence } from "./presence.ts";
import { RecentEvents } from "./recent-events.ts";
import type { Committed } from "./sequencer.ts";
import { HEARD_PRECISION_MS, type Mode, type Session, sessionSecrets } from "./session.ts";
import { StateLines } from "./state-lines.ts";
import { Typing } from "./typing.ts";
import { WaitingList } from "./waiting-list.ts";

/** Time after which a plain connection without a frame may be replaced in a full room. */
const PLAIN_IDLE_MS = 10 * 60_000;

/** Audience has no clock: times are arguments, Unix ms, and the caller calls `flush` at `dueAt`. */
export class Audience {
  readonly #options: AudienceOptions;
  readonly #recent: RecentEvents;
  readonly #connections = new Connections();
  readonly #presence = new Presence();
  readonly #typing = new Typing();
  readonly #output = new PendingOutput();
  readonly #waitingList: WaitingList;
  readonly #joining: Joining;
  readonly #moderation: Moderation;
  readonly #commands: CommandHandler;
  /** Connections in other objects. */
  #elsewhere = 0;

  constructor(options: AudienceOptions) {
    this.#options = options;
    this.#recent = new RecentEvents(options.log);
    const { rules } = options;
    const [connections, output] = [this.#connections, this.#output];
    this.#waitingList = new WaitingList({ connections, rules, output });
    const parts: AudienceParts = {
      ...options,
      ...{ connections, output },
      presence: this.#presence,
      typing: this.#typing,
      recent: this.#recent,
      stateLines: new StateLines(rules),
      waitingList: this.#waitingList,
    };
    this.#joining = new Joining({
      ...parts,
      onHelloHandled: (connection, now) => this.#commands.handleHeld(connection, now),
    });
    this.#moderation = new Moderation(parts);
    this.#commands = new CommandHandler({ ...parts, joining: this.#joining });
  }

  /** Number of connections. */
  get size(): number {
    return this.#connections.size;
  }

  /** Number of users online. */
  get online(): number {
    return this.#presence.online;
  }

  /** The connections here, as other objects of the room need them. */
  get here(): Elsewhere {
    return {
      connections: this.size,
      ...this.#presence.here,
      typing: this.#typing.here,
      waiting: this.#waitingList.here,
    };
  }

  /** Sets the connections in other objects. */
  set elsewhere(elsewhere: Elsewhere) {
    this.#elsewhere = elsewhere.connections;
    this.#presence.elsewhere = elsewhere;
    this.#typing.elsewhere = elsewhere.typing;
    this.#waitingList.elsewhere = elsewhere.waiting;
  }

  /** Ids of the users whose connections are here. */
  get users(): string[] {
    return this.#presence.users();
  }

  /** Returns the name of a user, and the networks of the user's connections here, as in `networkId`. */
  about(user: string): { readonly name: string | undefined; readonly networks: string[] } {
    const waiting = this.#waitingList.here.find((member) => member.user === user);
    return {
      name: this.#presence.nameOf(user) ?? waiting?.name,
      networks: this.#connections.networksOf(user),
    };
  }

  /** Replaces the events in memory by these, which end at the head of the log. */
  fill(events: readonly RoomEvent[]): void {
    this.#recent.fill(events);
  }

  /** Returns the seq of the last event in memory that is older than `at`, Unix ms, or `null`. */
  lastBefore(at: number): number | null {
    return this.#recent.lastBefore(at);
  }

  /** Seq of the first event in memory; head + 1 if there is none. */
  get first(): number {
    return this.#recent.first;
  }

  disconnect(connection: Connection, code: CloseCode): void {
    this.#output.startClosing(connection, code);
  }

  /** Number of connections that can resume elsewhere: those of plain mode cannot. */
  get resumable(): number {
    return this.#connections.size - this.#connections.plain;
  }

  /** Starts to close connections, at most `limit`, so that their clients reconnect. */
  move(limit: number, code: CloseCode, keepsPlain = false): void {
    let left = limit;
    for (const connection of this.#connections) {
      if (left <= 0) return;
      if (!connection.isOpen || (keepsPlain && connection.mode === "plain")) continue;
      this.disconnect(connection, code);
      left -= 1;
    }
  }

  /** Whether a user is in the room now, with a connection here. */
  isPresent(user: string): boolean {
    return this.#presence.isHere(user);
  }

  /**
   * Makes room for a new connection. Returns why it cannot be accepted, or `null`. In a full room it replaces the plain
   * connection that was idle longest: plain mode has no ping, so that connection may be dead.
   *
   * @param network - network of the client as in `networkId`; `null` if it is not known
   */
  admit(network: string | null, now: number): CloseCode | null {
    const { maxConnections, maxConnectionsPerAddress } = this.#options.config;
    const isAddressFull = network !== null && this.#connections.countOf(network) >= maxConnectionsPerAddress;
    if (!isAddressFull && this.size + this.#elsewhere < maxConnections) return null;
    const idle = this.#connections.longestIdlePlain(isAddressFull ? network : null, now - PLAIN_IDLE_MS);
    if (idle === null) return isAddressFull ? CloseCode.AddressFull : CloseCode.RoomFull;
    this.#output.startClosing(idle, CloseCode.Stale);
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
      joined: false,
      since: now,
      heardAt: now,
      ...(network !== null && { network }),
      ...sessionSecrets(this.#options.log.unsavedSecrets),
    };
    peer.saveSession(session);
    const connection = new Connection(peer, session, this.#options.config);
    this.#connections.add(connection);
    if (mode === "plain") this.#joining.plain(connection, now);
    return connection;
  }

  /** Restores a connection after a hibernation. It sends no presence line, because the user did not leave. */
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
    this.#output.dirty.delete(connection);
    this.#waitingList.remove(connection);
    if (!this.#connections.delete(connection)) return;
    const { isMember, user, mode } = connection;
    connection.closed();
    if (!isMember) return;
    // The user id of a plain connection cannot return.
    if (mode === "plain") this.#presence.remove(user);
    else if (this.#presence.exit(user, now)) this.#typing.stop(user);
  }

  /** Handles a frame of a connection. */
  receive(connection: Connection, frame: string | ArrayBuffer, now: number): void {
    if (!connection.isOpen) return;
    connection.heard(now);
    this.#options.retention.hide(now);
    const { type } = connection.state;
    try {
      for (const part of decodeFrame(connection.mode, frame)) {
        this.#commands.handle(connection, part, now);
        if (!connection.isOpen) return;
      }
    } catch (error) {
      this.#options.report("a frame failed", error);
      // A connection that joined without its welcome cannot take part.
      if (connection.state.type !== type) this.#output.startClosing(connection, CloseCode.InternalError);
      this.#output.reject(
        connection,
        { code: "internal", message: "something went wrong here" },
        undefined,
        now,
      );
    }
  }

  /** Time when `flush` has something to do, Unix ms, or `null`. */
  get dueAt(): number | null {
    const due = [
      this.#output.dirty.size > 0 ? 0 : null,
      this.#joining.isDue ? 0 : null,
      this.#waitingList.dueAt,
      this.#presence.dueAt,
      this.#typing.dueAt,
      this.#connections.helloDueAt,
    ].filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** Applies time limits: of hellos, presence and typing. */
  expire(now: number): void {
    for (const connection of this.#connections.takeOverdue(now))
      this.#output.startClosing(connection, CloseCode.NoHello);
    this.#presence.expire(now);
    this.#typing.expire(now);
  }

  /**
   * Publishes committed events and sends each connection one frame. Its own lines are first in the frame, so that an
   * `ok` precedes its event.
   *
   * @returns the number of frames sent
   */
  flush(batch: readonly Committed[], now: number): number {
    const first = batch.findLastIndex(({ event }) => beginsEpoch(event));
    const isNewEpoch = first >= 0;
    if (isNewEpoch) this.#recent.restart();
    // The events before it are gone.
    for (const { event, line } of isNewEpoch ? batch.slice(first) : batch) {
      this.#recent.add(event, line);
      if (event.type === "message") this.#typing.stop(event.user);
    }
    this.#moderation.apply(batch, now);
    if (this.online > MAX_ONLINE_FOR_TYPING) this.#typing.clear();
    this.#waitingList.send(now);
    const shared = sharedFrames(batch, [this.#presence.takeLine(now), this.#typing.takeLine(now)]);
    const recipients = shared["chat.v1"] === "" ? this.#output.dirty : this.#connections;
    let frames = 0;
    for (const connection of recipients) {
      // In a new epoch all connections are closed: the events belong to a log that their clients do not have.
      const isReader = connection.isReader && !isNewEpoch;
      const result = this.#send(connection, isReader ? shared[connection.mode] : "");
      if (result === "closed") this.close(connection, now);
      if (result !== "idle") frames += 1;
    }
    this.#output.dirty.clear();
    this.#joining.decide(now);
    return frames;
  }

  /**
   * Whether a stale connection would have an effect: it shows its user as present or waiting, or it keeps a room that
   * ends after the last user has left.
   */
  get needsSweep(): boolean {
    if (this.#options.rules.settings.retention === "presence" && this.online > 0) return true;
    return this.online - this.#connections.plain >= 2 || this.#connections.waiting.size > 0;
  }

  /**
   * Starts to close the stale connections.
   *
   * @returns time of the next sweep, Unix ms, or `null` if none is needed
   */
  sweep(now: number): number | null {
    const { found, nextAt } = this.#connections.stale(now);
    for (const connection of found) this.#output.startClosing(connection, CloseCode.Stale);
    return this.needsSweep ? (nextAt ?? now + STALE_AFTER_MS) : null;
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
    for (const text of plainTexts(event)) plain.push(plainLine(isPlain ? text : `${event.name}: ${text}`));
  }
  return { "chat.v1": joinLines(lines), plain: joinLines(plain) };
}
