/** A room without a runtime: the real sequencer, audience and log over Node's SQLite. The test controls the clock. */
import {
  type ClientLine,
  joinLines,
  parseServerLine,
  type ServerLine,
  SUBPROTOCOL,
  splitLines,
} from "../../src/protocol/index.ts";
import type { Audience } from "../../src/room/audience.ts";
import { DEFAULT_CONFIG, type RoomConfig } from "../../src/room/config.ts";
import type { Connection, Peer } from "../../src/room/connection.ts";
import type { HttpAccess } from "../../src/room/http-access.ts";
import type { Imports } from "../../src/room/imports.ts";
import type { Log } from "../../src/room/log.ts";
import type { Pacing } from "../../src/room/pacing.ts";
import { Room } from "../../src/room/room.ts";
import type { Rules } from "../../src/room/rules.ts";
import type { Mode, Session } from "../../src/room/session.ts";
import { NodeStore } from "./node-store.ts";
import type { TestFiles } from "./test-files.ts";

/** Configuration without a rate limit, for tests of other behaviour. */
export const UNLIMITED: RoomConfig = { ...DEFAULT_CONFIG, messageRate: 0 };

/** TestPeer is the client of one connection. It records what the room sends. */
export class TestPeer implements Peer {
  readonly frames: string[] = [];
  /** Code with which the room closed it. */
  closedWith: number | undefined;
  session: Session | undefined;
  connection: Connection | undefined;
  /** Time of the last ping, Unix ms, as the runtime reports it. */
  lastPing: number | null = null;
  /** Unread bytes, as the runtime reports them. */
  buffered = 0;

  send(frame: string): void {
    this.frames.push(frame);
  }

  close(code: number): void {
    this.closedWith = code;
  }

  saveSession(session: Session): void {
    this.session = structuredClone(session);
  }

  pingedAt(): number | null {
    return this.lastPing;
  }

  bufferedAmount(): number {
    return this.buffered;
  }

  /** Returns the frames since the last call. */
  take(): string[] {
    return this.frames.splice(0);
  }

  /** Returns the lines since the last call. Throws if one is not of the protocol. */
  takeLines(): ServerLine[] {
    return this.take().flatMap(parseFrame);
  }
}

/** Returns the lines of a frame. Throws if one is not of the protocol. */
export function parseFrame(frame: string): ServerLine[] {
  return splitLines(frame).map((line) => {
    const parsed = parseServerLine(line);
    if (parsed === null) throw new Error(`not a line of the protocol: ${line}`);
    return parsed;
  });
}

/** TestRoom runs a room as ChatRoom does. It can be evicted and restored. */
export class TestRoom {
  readonly store = new NodeStore();
  readonly reports: string[] = [];
  readonly files: TestFiles | null;
  /** The room's clock, Unix ms. */
  now = 1_700_000_000_000;
  readonly #name: string;
  readonly #config: RoomConfig;
  #peers = new Set<TestPeer>();
  /** Everything of the room that an eviction discards. */
  #room: Room;

  /** @param files - the files that were uploaded; `null`: the service takes none */
  constructor(config: Partial<RoomConfig> = {}, name = "test", files: TestFiles | null = null) {
    this.files = files;
    this.#name = name;
    this.#config = { ...UNLIMITED, ...config };
    this.#room = this.#open();
  }

  get log(): Log {
    return this.#room.log;
  }

  get rules(): Rules {
    return this.#room.rules;
  }

  get audience(): Audience {
    return this.#room.audience;
  }

  get http(): HttpAccess {
    return this.#room.http;
  }

  get imports(): Imports {
    return this.#room.imports;
  }

  get pacing(): Pacing {
    return this.#room.pacing;
  }

  /** Time for which the room's alarm is set, sweeps aside, Unix ms, or `null`. */
  get wakeAt(): number | null {
    return this.#room.retention.wakeAt;
  }

  /** Time when the room has something to do, Unix ms, or `null`. */
  get dueAt(): number | null {
    return this.#room.dueAt;
  }

  /** Opens a connection, without a hello. `network` is an id as in `networkId`. */
  open(mode: Mode = SUBPROTOCOL, network: string | null = null): TestPeer {
    const peer = new TestPeer();
    peer.connection = this.audience.open(peer, mode, network, this.now);
    this.pacing.opened();
    this.#peers.add(peer);
    return peer;
  }

  /** Opens a connection and sends hello with a key made of `name`. */
  join(
    name: string,
    hello: Partial<Extract<ClientLine, { type: "hello" }>> = {},
    network: string | null = null,
  ): TestPeer {
    const peer = this.open(SUBPROTOCOL, network);
    this.receive(peer, { type: "hello", name, key: keyOf(name), ...hello });
    this.run();
    // A hello that waited for a commit is answered with the next flush.
    this.run();
    return peer;
  }

  /** Receives one frame of commands from a peer, without a flush. */
  receive(peer: TestPeer, ...commands: ClientLine[]): void {
    this.receiveFrame(peer, joinLines(commands.map((command) => JSON.stringify(command))));
  }

  receiveFrame(peer: TestPeer, frame: string): void {
    if (peer.connection !== undefined) this.audience.receive(peer.connection, frame, this.now);
  }

  /** Returns the user id of a peer. */
  userOf(peer: TestPeer): string {
    return peer.connection?.user ?? "";
  }

  /** Closes the socket of a peer. */
  close(peer: TestPeer): void {
    this.#peers.delete(peer);
    if (peer.connection !== undefined) this.audience.close(peer.connection, this.now);
  }

  /** Does what is due, as ChatRoom does it. A large flush then drains until `pacing.drained()`. */
  step(): void {
    this.#room.step(this.now);
    if (this.#room.isOver) this.#forget();
  }

  /** Does what is due. Every flush drains at once. */
  run(): void {
    this.step();
    this.pacing.drained();
  }

  /** Lets `ms` pass and runs the room whenever something is due. `afterRun` is called after each run. */
  advance(ms: number, afterRun: () => void = () => {}): void {
    const end = this.now + ms;
    for (let due = this.dueAt; due !== null && due <= end; due = this.dueAt) {
      this.now = Math.max(this.now, due);
      this.run();
      afterRun();
    }
    this.now = end;
    this.run();
    afterRun();
  }

  /** Receives commands, runs the room, and returns the lines that the peer received. */
  exchange(peer: TestPeer, ...commands: ClientLine[]): ServerLine[] {
    this.receive(peer, ...commands);
    this.run();
    return peer.takeLines();
  }

  /** Evicts the object and wakes it: memory is lost, storage and sockets stay. */
  hibernate(): void {
    this.#room = this.#open();
    const open = [...this.#peers].filter(({ closedWith }) => closedWith === undefined);
    for (const peer of open) {
      if (peer.session !== undefined) peer.connection = this.audience.restore(peer, peer.session);
    }
  }

  /** Ends the process and starts another: memory and sockets are lost, storage stays. */
  crash(): void {
    this.#peers = new Set();
    this.#room = this.#open();
  }

  /** Deletes everything, as ChatRoom does it. */
  #forget(): void {
    for (const peer of this.#peers) peer.close(4012);
    this.#peers.clear();
    this.store.deleteAll();
    this.#room = this.#open();
  }

  #open(): Room {
    const report = (event: string) => this.reports.push(event);
    return new Room({
      ...{ name: this.#name, store: this.store, config: this.#config, report },
      files: this.files,
      onFilesSent: (ids) => this.files?.sent.push(...ids),
    });
  }
}

/** Returns a room with `count` members, at least two, that have read everything so far. */
export function roomOf(
  count: number,
  config: Partial<RoomConfig> = {},
): { room: TestRoom; peers: TestPeer[]; ann: TestPeer; bob: TestPeer } {
  const room = new TestRoom(config);
  const [ann, bob] = [room.join("Ann"), room.join("Bob")];
  const peers = [ann, bob];
  for (let i = peers.length; i < count; i += 1) peers.push(room.join(`guest-${i}`));
  room.advance(10_000);
  for (const peer of peers) peer.take();
  return { room, peers, ann, bob };
}

/** Secret of the owner of the rooms of `ownedRoom`. */
export const OWNER_SECRET = "o".repeat(43);

/** Returns a room that Ann owns, with Max as a moderator and Bob as a member, all of whom have read everything. */
export function ownedRoom(
  settings: Partial<Extract<ClientLine, { type: "settings" }>> = {},
  config: Partial<RoomConfig> = {},
): {
  room: TestRoom;
  ann: TestPeer;
  max: TestPeer;
  bob: TestPeer;
} {
  const room = new TestRoom(config);
  const ann = room.join("Ann", { owner: OWNER_SECRET, claim: {} });
  const [max, bob] = [room.join("Max"), room.join("Bob")];
  room.exchange(ann, { type: "role", id: "max", member: room.userOf(max), role: "moderator" });
  room.exchange(ann, { type: "settings", id: "settings", ...settings });
  room.advance(10_000);
  for (const peer of [ann, max, bob]) peer.take();
  return { room, ann, max, bob };
}

/** Returns a key that belongs to `name` alone. */
export function keyOf(name: string): string {
  return `key-of-${name}`.padEnd(22, "-");
}
