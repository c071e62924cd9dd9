/** A client, a room, and a network between them that a test can slow down, cut and silence. */
import { ChatClient, type ChatClientOptions, type Clock } from "../../src/client/index.ts";
import { joinLines, splitLines } from "../../src/protocol/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeNetwork, type FakeSocket } from "./fake-socket.ts";

/** WorldRoom is a room behind the network. Each peer is one connection, opened by its first frame. */
export interface WorldRoom {
  receive(peer: WorldPeer, frame: string): void;
  leave(peer: WorldPeer): void;
}

export interface WorldPeer {
  send(frame: string): void;
  /** Closes the connection once the frames in transit have arrived. */
  close(code: number): void;
}

/** Link is one connection with the frames in transit in both directions. */
interface Link {
  readonly socket: FakeSocket;
  readonly peer: WorldPeer;
  isOpen: boolean;
  /** No frame gets through any more, without an error. */
  isSilent: boolean;
  /** Code with which the room closes it, after the frames in `down`. */
  closeCode: number | null;
  readonly up: string[];
  readonly down: string[];
}

/** FakeWorld moves frames only on request. */
export class FakeWorld<R extends WorldRoom> {
  readonly clock = new FakeClock();
  readonly room: R;
  client: ChatClient;
  /** The outbox in storage; it survives reloads. */
  stored: string | null = null;
  readonly #options: Partial<ChatClientOptions>;
  #links: Link[] = [];
  /** Frames of cut links that will still reach the room. */
  #late: { readonly link: Link; readonly frames: string[]; readonly cutAt: number }[] = [];
  #lastFrame: { readonly link: Link; readonly frame: string } | null = null;
  #generation = 0;
  #ids = 0;

  /** @param newRoom - creates the room; its time is `now`, Unix ms */
  constructor(options: Partial<ChatClientOptions>, newRoom: (now: () => number) => R) {
    this.#options = options;
    this.room = newRoom(() => this.clock.now());
    this.client = this.#newClient();
  }

  /** The client's connection, if it has one. */
  get link(): Link | undefined {
    return this.#links.at(-1);
  }

  /** Moves up to `up` and `down` frames. */
  deliver(up = Number.POSITIVE_INFINITY, down = Number.POSITIVE_INFINITY): void {
    const { link } = this;
    if (link === undefined || link.isSilent) return;
    if (!link.isOpen) {
      link.isOpen = true;
      link.socket.open();
    }
    for (let i = 0; i < up && link.up.length > 0; i += 1) this.room.receive(link.peer, link.up.shift() ?? "");
    for (let i = 0; i < down && link.down.length > 0 && this.link === link; i += 1) {
      const frame = link.down.shift() ?? "";
      this.#lastFrame = { link, frame };
      link.socket.receive(frame);
    }
    if (link.closeCode !== null && link.down.length === 0 && this.link === link) {
      this.#forget(link);
      this.room.leave(link.peer);
      link.socket.drop(link.closeCode);
    }
  }

  /**
   * Delivers the last frame to the client once more, without errors: the client sends a rate-limited command again
   * under the same id, and would take a repeated error for the answer to that.
   */
  repeatFrame(): void {
    if (this.#lastFrame === null || this.#lastFrame.link !== this.link) return;
    const lines = splitLines(this.#lastFrame.frame);
    this.link.socket.receive(joinLines(lines.filter((line) => JSON.parse(line).type !== "error")));
  }

  /** Moves frames until none is left. */
  deliverAll(): void {
    for (let round = 0; round < 1_000; round += 1) {
      const { link } = this;
      if (link === undefined || link.isSilent) return;
      const isIdle = link.up.length === 0 && link.down.length === 0 && link.closeCode === null;
      if (link.isOpen && isIdle) return;
      this.deliver();
    }
    throw new Error("client and room exchange frames without end");
  }

  /** Cuts the connection. Frames in transit to the room are lost, or arrive later. */
  cut(isLate = false): void {
    const { link } = this;
    if (link === undefined) return;
    this.#forget(link);
    if (isLate) this.#delay(link);
    else this.room.leave(link.peer);
    link.socket.drop();
  }

  /** Loses all frames from now on, without an error. */
  silence(): void {
    if (this.link !== undefined) this.link.isSilent = true;
  }

  /** Delivers the late frames of links that were cut within the last minute. */
  deliverLate(): void {
    for (const { link, frames, cutAt } of this.#late.splice(0)) {
      if (this.clock.now() - cutAt < 60_000) for (const frame of frames) this.room.receive(link.peer, frame);
      this.room.leave(link.peer);
    }
  }

  /** Ends the program without a close, and starts it again. */
  reload(): void {
    for (const link of this.#links.splice(0)) this.room.leave(link.peer);
    this.client = this.#newClient();
  }

  /** Runs with a working network until the outbox is empty. */
  recover(): void {
    this.deliverLate();
    for (let round = 0; round < 1_000; round += 1) {
      this.deliverAll();
      const { connection, outbox } = this.client.state;
      const hasLink = this.link?.isSilent === false;
      if (hasLink && connection === "online" && outbox.every(({ status }) => status === "failed")) return;
      this.clock.advance(1_000);
    }
    throw new Error(`the client does not recover: ${JSON.stringify(this.client.state)}`);
  }

  #forget(link: Link): void {
    this.#links = this.#links.filter((each) => each !== link);
  }

  /** Keeps the frames in transit to the room until `deliverLate`. */
  #delay(link: Link): void {
    this.#late.push({ link, frames: link.up.splice(0), cutAt: this.clock.now() });
  }

  #newClient(): ChatClient {
    const generation = ++this.#generation;
    const isReplaced = () => generation !== this.#generation;
    const { clock } = this;
    const ownClock: Clock = {
      now: () => clock.now(),
      setTimeout: (callback, ms) => clock.setTimeout(() => isReplaced() || callback(), ms),
      clearTimeout: (handle) => clock.clearTimeout(handle),
    };
    const network = new FakeNetwork((socket) => {
      const link: Link = {
        socket,
        peer: {
          send: (frame) => link.down.push(frame),
          close: (code) => {
            link.closeCode = code;
          },
        },
        isOpen: false,
        isSilent: false,
        closeCode: null,
        up: [],
        down: [],
      };
      socket.onsend = (frame) => link.up.push(frame);
      socket.onclose = () => {
        this.#forget(link);
        this.#delay(link);
      };
      this.#links.push(link);
    });
    return new ChatClient({
      url: "ws://fake.example/ws/fake",
      key: "a-key-of-at-least-22-characters",
      random: () => 0.5,
      newId: () => `id-${++this.#ids}`,
      wake: null,
      fetch: null,
      storage: {
        load: () => this.stored,
        save: (text) => {
          if (!isReplaced()) this.stored = text;
        },
      },
      ...this.#options,
      clock: ownClock,
      webSocket: network.webSocket,
    });
  }
}
