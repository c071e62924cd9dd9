// A room without a runtime: the real Room and Log over Node's SQLite, with peers and a clock that the test holds.
import {
  type ClientLine,
  joinLines,
  parseServerLine,
  type ServerLine,
  SUBPROTOCOL,
  splitLines,
} from "../../src/protocol/index.ts";
import { DEFAULT_CONFIG, type RoomConfig } from "../../src/room/config.ts";
import type { Connection, Peer } from "../../src/room/connection.ts";
import { Log } from "../../src/room/log.ts";
import { Room } from "../../src/room/room.ts";
import type { Mode, Session } from "../../src/room/session.ts";
import { NodeStore } from "./node-store.ts";

/** Configuration without a rate limit, which most tests are not about. */
export const UNLIMITED: RoomConfig = { ...DEFAULT_CONFIG, messageRate: 0 };

/** TestPeer is the far end of one connection: it keeps what the room sends. */
export class TestPeer implements Peer {
  readonly frames: string[] = [];
  /** The code that the room closed it with. */
  closedWith: number | undefined;
  session: Session | undefined;
  connection: Connection | undefined;
  /** When its client last pinged, Unix ms, as the runtime would tell. */
  lastPing: number | null = null;
  /** Bytes that its client left unread, as the runtime would tell. */
  backlog = 0;

  send(frame: string): void {
    this.frames.push(frame);
  }

  close(code: number): void {
    this.closedWith = code;
  }

  keep(session: Session): void {
    this.session = structuredClone(session);
  }

  pingedAt(): number | null {
    return this.lastPing;
  }

  unsent(): number {
    return this.backlog;
  }

  /** Takes the frames that came since the last call. */
  take(): string[] {
    return this.frames.splice(0);
  }

  /** Takes the lines that came since the last call, each of which must be one of the protocol. */
  takeLines(): ServerLine[] {
    return this.take().flatMap(parseFrame);
  }
}

/** The lines of a frame; throws where one is not of the protocol. */
export function parseFrame(frame: string): ServerLine[] {
  return splitLines(frame).map((line) => {
    const parsed = parseServerLine(line);
    if (parsed === null) throw new Error(`not a line of the protocol: ${line}`);
    return parsed;
  });
}

/** TestRoom is a room that is driven by hand and can be made anew over what it stored. */
export class TestRoom {
  readonly store = new NodeStore();
  readonly reports: string[] = [];
  /** The room's clock, Unix ms. */
  now = 1_700_000_000_000;
  readonly #config: RoomConfig;
  #peers = new Set<TestPeer>();
  #awake: { readonly log: Log; readonly room: Room };

  constructor(config: Partial<RoomConfig> = {}) {
    this.#config = { ...UNLIMITED, ...config };
    this.#awake = this.#open();
  }

  get log(): Log {
    return this.#awake.log;
  }

  get room(): Room {
    return this.#awake.room;
  }

  /** Opens a connection; in `chat.v1` it has yet to say hello. */
  open(mode: Mode = SUBPROTOCOL): TestPeer {
    const peer = new TestPeer();
    peer.connection = this.room.open(peer, mode, this.now);
    this.#peers.add(peer);
    return peer;
  }

  /** Opens a connection and says hello with a key made of `name`. */
  join(name: string, hello: Partial<Extract<ClientLine, { type: "hello" }>> = {}): TestPeer {
    const peer = this.open();
    this.say(peer, { type: "hello", name, key: keyOf(name), ...hello });
    this.run();
    return peer;
  }

  /** One frame of commands comes in; nothing is flushed yet. */
  say(peer: TestPeer, ...commands: ClientLine[]): void {
    this.sayRaw(peer, joinLines(commands.map((command) => JSON.stringify(command))));
  }

  sayRaw(peer: TestPeer, frame: string): void {
    if (peer.connection !== undefined) this.room.receive(peer.connection, frame, this.now);
  }

  /** The peer goes. */
  close(peer: TestPeer): void {
    this.#peers.delete(peer);
    if (peer.connection !== undefined) this.room.close(peer.connection, this.now);
  }

  /** Lets the room do all that is due; what it sends has left at once. */
  run(): void {
    this.room.run(this.now);
    this.room.pacing.drained();
  }

  /** Says commands, lets the room run, and gives the lines that this peer then has. */
  ask(peer: TestPeer, ...commands: ClientLine[]): ServerLine[] {
    this.say(peer, ...commands);
    this.run();
    return peer.takeLines();
  }

  /** The object is evicted and wakes: its memory goes, its storage and its sockets stay. */
  hibernate(): void {
    this.#awake = this.#open();
    const open = [...this.#peers].filter(({ closedWith }) => closedWith === undefined);
    for (const peer of open) {
      if (peer.session !== undefined) peer.connection = this.room.restore(peer, peer.session);
    }
  }

  /** The process dies and another starts: memory and sockets go, storage stays. */
  crash(): void {
    this.#peers = new Set();
    this.#awake = this.#open();
  }

  #open(): { log: Log; room: Room } {
    const log = new Log(this.store);
    return { log, room: new Room("test", log, this.#config, (event) => this.reports.push(event)) };
  }
}

/** A key that belongs to `name` alone. */
export function keyOf(name: string): string {
  return `key-of-${name}`.padEnd(22, "-");
}
