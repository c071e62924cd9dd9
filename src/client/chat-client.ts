/** ChatClient: one room, as a program uses it. */
import type { LogCommand } from "../protocol/events.ts";
import { DEFAULT_HISTORY } from "../protocol/limits.ts";
import { type Ack, CommandPromises, sizeError } from "./command-promises.ts";
import { Emitter } from "./emitter.ts";
import { type ChatClientOptions, checkOptions, platformOf } from "./options.ts";
import { OutboxStore } from "./outbox-storage.ts";
import type { PageTarget } from "./page-requests.ts";
import { Alarm, type Clock } from "./platform.ts";
import { TypingThrottle } from "./presence.ts";
import { type Closing, ReconnectingSocket } from "./reconnecting-socket.ts";
import { RoomReplica } from "./room-replica.ts";
import { type ChatEvents, type ChatState, isSameState } from "./state.ts";
import { type Gap, gapAfter } from "./timeline.ts";

/**
 * ChatClient keeps a program in one room. It connects, reconnects and resumes, sends commands once
 * and in order, and shows the room as `state`.
 *
 * @example
 * const client = new ChatClient({ url: "wss://chat.example/ws/demo", name: "Ada" });
 * client.on("event", (event) => console.log(event));
 * client.connect();
 * await client.send("Hello");
 */
export class ChatClient {
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #pageSize: number;
  readonly #store: OutboxStore;
  readonly #replica: RoomReplica;
  readonly #promises = new CommandPromises();
  readonly #socket: ReconnectingSocket;
  readonly #emitter = new Emitter<ChatEvents>();
  readonly #typing = new TypingThrottle();
  readonly #alarm: Alarm;
  #state: ChatState;
  #isChanging = false;

  /** Does not connect yet. Throws a TypeError for a `key` or `history` that every room would reject. */
  constructor(options: ChatClientOptions) {
    checkOptions(options);
    const { url, key, history, name, storage } = options;
    const { clock, newId, ...platform } = platformOf(options);
    this.#clock = clock;
    this.#newId = newId;
    this.#alarm = new Alarm(clock, () => this.#change(() => {}));
    this.#pageSize = history || DEFAULT_HISTORY;
    this.#store = new OutboxStore(storage, key);
    this.#replica = new RoomReplica(
      { key: this.#store.key, name, history, newId, outbox: this.#store.outbox },
      {
        now: () => clock.now(),
        emit: (type, event) => this.#emitter.emit(type, event),
        settled: (result) => this.#promises.settle(result),
        joined: () => this.#socket.welcomed(),
        fail: (reason) => this.#socket.fail(reason),
        isLive: () => this.#socket.isLive,
      },
    );
    this.#socket = new ReconnectingSocket(
      { ...platform, clock, url: url.replace(/^http/i, "ws") },
      {
        hello: () => this.#replica.hello(),
        received: (frame) => this.#change(() => this.#replica.receive(frame)),
        changed: () => this.#change(() => {}),
        closed: (closing) => this.#change(() => this.#closed(closing)),
        isOverdue: () => this.#replica.isOverdue,
      },
    );
    this.#state = this.#snapshot();
  }

  /** Snapshot of the room; a new object after each change. */
  get state(): ChatState {
    return this.#state;
  }

  /** Joins the room, and stays in it until `close`. */
  connect(): void {
    this.#change(() => this.#socket.open());
  }

  /**
   * Leaves the room. Promises that are not settled reject with `closed`. The outbox keeps its
   * commands, and the next `connect` sends them.
   */
  close(): void {
    this.#change(() => {
      this.#socket.close();
      this.#endRequests();
    });
  }

  /** Connects at once if the client is waiting for its next attempt. */
  reconnectNow(): void {
    this.#change(() => this.#socket.retryNow());
  }

  /** Sends a message, now or on the next connection. Rejects with a ChatError. */
  send(text: string, options: { readonly reply?: number } = {}): Promise<Ack> {
    const { reply } = options;
    const id = this.#newId();
    return this.#command({ type: "send", id, text, ...(reply !== undefined && { reply }) });
  }

  /** Changes the text of an own message. */
  edit(target: number, text: string): Promise<Ack> {
    return this.#command({ type: "edit", id: this.#newId(), target, text });
  }

  /** Deletes an own message. */
  delete(target: number): Promise<Ack> {
    return this.#command({ type: "delete", id: this.#newId(), target });
  }

  /** Adds a reaction to a message, or removes it. */
  react(target: number, emoji: string, on: boolean): Promise<Ack> {
    return this.#command({ type: "react", id: this.#newId(), target, emoji, on });
  }

  /** Changes the display name, now or on the next connection. Rejects with a ChatError. */
  rename(name: string): Promise<void> {
    return this.#change(() => this.#replica.rename.request(name));
  }

  /** Sends a typing indicator, throttled; dropped while offline. */
  typing(on: boolean): void {
    if (!this.#socket.isOnline || !this.#typing.allows(on, this.#clock.now())) return;
    this.#change(() => this.#socket.send(JSON.stringify({ type: "typing", on })));
  }

  /** Loads messages older than the known ones, if there are any. Parallel calls share one request. */
  async loadEarlier(limit = this.#pageSize): Promise<void> {
    if (!this.#state.timeline.more) return;
    await this.#load({ type: "earlier" }, limit);
  }

  /** Loads the newest messages of a gap: it shrinks, or is removed. */
  async fillGap(gap: Gap, limit = this.#pageSize): Promise<void> {
    if (gapAfter(this.#state.timeline, gap.after) === undefined) return;
    await this.#load({ type: "gap", after: gap.after }, limit);
  }

  /** Queues a failed command again, at the end and under a new id. */
  retry(id: string): void {
    this.#change(() => this.#replica.outbox.retry(id, this.#newId(), this.#clock.now()));
  }

  /** Removes a command that failed or was never sent; the promise of the latter rejects with `discarded`. */
  discard(id: string): void {
    this.#change(() => {
      if (this.#replica.outbox.discard(id)) this.#promises.discarded(id);
    });
  }

  /**
   * Adds a listener. An error that it throws is reported as uncaught and disturbs no other listener.
   *
   * @returns a function that removes the listener
   */
  on<K extends keyof ChatEvents>(type: K, listener: (event: ChatEvents[K]) => void): () => void {
    return this.#emitter.on(type, listener);
  }

  async #command(command: LogCommand): Promise<Ack> {
    const { outbox, limits } = this.#replica;
    const error = sizeError(command, limits);
    if (error !== null) throw error;
    return this.#change(() => {
      outbox.add(command, this.#clock.now());
      return this.#promises.add(command.id);
    });
  }

  #load(target: PageTarget, limit: number): Promise<void> {
    return this.#change(() => this.#replica.pages.add(target, limit));
  }

  #closed(closing: Closing): void {
    this.#replica.disconnected();
    this.#typing.disconnected();
    if (!closing.willReconnect) this.#endRequests();
    this.#emitter.emit("close", closing);
  }

  #endRequests(): void {
    this.#replica.close();
    this.#promises.close();
  }

  /**
   * Runs `work` and then, once, everything that follows from it: sends, saves, sets the next alarm
   * and emits events. A change within a change is part of the outer one.
   *
   * @returns the result of `work`
   */
  #change<Result>(work: () => Result): Result {
    if (this.#isChanging) return work();
    this.#isChanging = true;
    let result: Result;
    try {
      result = work();
      const frames = this.#replica.takeFrames();
      // Saved before it is sent: after a reload, the client must know that it may have been sent.
      if (frames.length > 0) this.#store.flush(this.#clock.now());
      for (const frame of frames) this.#socket.send(frame);
      this.#store.save(this.#clock.now());
    } finally {
      this.#isChanging = false;
    }
    this.#alarm.set(earliest(this.#replica.dueAt, this.#store.dueAt));
    const next = this.#snapshot();
    if (!isSameState(this.#state, next)) {
      this.#state = next;
      this.#emitter.emit("state", next);
    }
    this.#emitter.flush();
    return result;
  }

  #snapshot(): ChatState {
    const { joined, timeline, limits, clockOffset, presence, typing, outbox } = this.#replica;
    return {
      ...this.#socket.status,
      ...joined,
      ...presence,
      typing: typing.users,
      timeline,
      outbox: outbox.entries,
      limits,
      clockOffset,
    };
  }
}

/** Returns the smaller of two times, or the one that is set. */
function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
