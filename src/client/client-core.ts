/** Client core: connects the parts of a client, and runs each change of them with everything that follows from it. */
import type { LogCommand } from "../protocol/events.ts";
import { ID_PATTERN } from "../protocol/fields.ts";
import { ChatError, chatError, closedError, notJoinedError } from "./chat-error.ts";
import { type Ack, CommandPromises, sizeError } from "./command-promises.ts";
import { ConnectErrors } from "./connect-errors.ts";
import { Emitter } from "./emitter.ts";
import type { Secrets } from "./http-api.ts";
import { type ChatClientOptions, completeOptions } from "./options.ts";
import type { CommandResult } from "./outbox.ts";
import { OutboxStore } from "./outbox-storage.ts";
import { Alarm, type Deferred, deferred } from "./platform.ts";
import { TypingThrottle } from "./presence.ts";
import { ABNORMAL_CLOSURE, type Closing, NORMAL_CLOSURE, ReconnectingSocket } from "./reconnecting-socket.ts";
import { RoomReplica } from "./room-replica.ts";
import { type ChatEvents, type ChatState, isSameState } from "./state.ts";

/** ClientCore is a client without the calls that programs use. */
export class ClientCore {
  readonly options: ReturnType<typeof completeOptions>;
  readonly replica: RoomReplica;
  readonly promises = new CommandPromises();
  readonly emitter = new Emitter<ChatEvents>();
  readonly #store: OutboxStore;
  readonly #socket: ReconnectingSocket;
  readonly #connectErrors: ConnectErrors;
  readonly #typing = new TypingThrottle();
  readonly #alarm: Alarm;
  /** The promise of `connect`, until the `welcome`. */
  #joining: Deferred<void> | null = null;
  /** The promise of `flush`, until the outbox is empty. */
  #flushing: Deferred<void> | null = null;
  #state: ChatState;
  #isStateStale = false;
  #isChanging = false;

  /** Does not connect yet. Throws a TypeError for options that cannot work. */
  constructor(options: ChatClientOptions) {
    this.options = completeOptions(options);
    const { url, fetch, clock, key, storage, keepFailed } = this.options;
    this.#alarm = new Alarm(clock, () => this.change(() => {}));
    this.#store = new OutboxStore(storage, key, keepFailed);
    this.replica = new RoomReplica(
      { ...this.options, key: this.#store.key, outbox: this.#store.outbox },
      {
        now: () => clock.now(),
        emit: (type, event) => this.emitter.emit(type, event),
        settled: (result) => this.#settled(result),
        joined: () => this.#joined(),
        waits: () => this.#waits(),
        fail: (reason) => this.#socket.fail(reason),
        isLive: () => this.#socket.isLive,
      },
    );
    this.#connectErrors = new ConnectErrors(url, fetch, {
      emit: (error) => this.change(() => this.emitter.emit("connectError", error)),
      giveUp: (message) => this.#giveUp(message),
    });
    this.#socket = new ReconnectingSocket(this.options, {
      hello: () => this.replica.hello(),
      received: (frame) => this.change(() => this.replica.receive(frame)),
      changed: () => this.change(() => {}),
      closed: (closing, failedAttempts) => this.change(() => this.#closed(closing, failedAttempts)),
      isOverdue: () => this.replica.isOverdue,
    });
    this.#state = this.#snapshot();
  }

  /** Snapshot of the room; a new object after each change. */
  get state(): ChatState {
    if (this.#isStateStale) {
      this.#isStateStale = false;
      const next = this.#snapshot();
      if (!isSameState(this.#state, next)) this.#state = next;
    }
    return this.#state;
  }

  /** What identifies the user over HTTP. */
  get secrets(): Secrets {
    return { key: this.#store.key, entry: this.options.entry };
  }

  /** Sets the proof of the room's password for the next `hello`. */
  usePassword(proof: string): void {
    this.options.entry.password = proof;
  }

  /** Opens the socket. Resolves with the first `welcome`. */
  async connect(): Promise<void> {
    this.change(() => this.#socket.open());
    if (this.#socket.isOnline) return;
    this.#joining ??= deferred();
    await this.#joining.promise;
  }

  /** Closes the socket and ends all requests. The outbox keeps its commands. */
  close(): void {
    this.change(() => {
      // The error of an earlier connection is not the reason.
      this.#joining?.reject(closedError());
      this.#socket.close();
      this.#endRequests();
      this.#store.flush(this.options.clock.now());
    });
  }

  /** Connects at once if the next attempt is only scheduled. */
  reconnectNow(): void {
    this.change(() => this.#socket.retryNow());
  }

  /** Resolves once no command is queued or unanswered. */
  async flush(): Promise<void> {
    if (!this.replica.outbox.isPending) return;
    this.#flushing ??= deferred();
    await this.#flushing.promise;
  }

  /** Sends a typing indicator, throttled; dropped while offline. */
  typing(on: boolean): void {
    if (!this.#socket.isOnline || !this.#typing.allows(on, this.options.clock.now())) return;
    this.change(() => this.#socket.send(JSON.stringify({ type: "typing", on })));
  }

  /** Adds a command to the outbox. Resolves once the room has stored it. Throws if it can never be sent. */
  command(command: LogCommand): Promise<Ack> {
    const { outbox, limits } = this.replica;
    // The answer to a command with an invalid id could not be assigned to it.
    if (!ID_PATTERN.test(command.id)) throw new TypeError("id must be 1 to 64 characters of A-Z a-z 0-9 _ -");
    const error = sizeError(command, limits);
    if (error !== null) {
      this.change(() => this.emitter.emit("commandFailed", { command, error }));
      throw error;
    }
    const promise = this.promises.add(command.id);
    this.change(() => outbox.add(command, this.options.clock.now()));
    return promise;
  }

  /**
   * Runs `work` and then, once, everything that follows from it: sends, saves, sets the next alarm
   * and emits events. A change within a change is part of the outer one.
   *
   * @returns the result of `work`
   */
  change<Result>(work: () => Result): Result {
    if (this.#isChanging) return work();
    const { clock } = this.options;
    this.#isChanging = true;
    let result: Result;
    try {
      result = work();
      const frames = this.replica.takeFrames();
      // Saved before it is sent: after a reload, the client must know that it may have been sent.
      if (frames.length > 0) this.#store.flush(clock.now());
      for (const frame of frames) this.#socket.send(frame);
      this.#store.save(clock.now());
    } finally {
      this.#isChanging = false;
    }
    this.#alarm.set(earliest(this.replica.dueAt, this.#store.dueAt));
    if (this.#flushing !== null && !this.replica.outbox.isPending) {
      this.#flushing.resolve();
      this.#flushing = null;
    }
    this.#emitState();
    this.emitter.flush();
    return result;
  }

  #settled(result: CommandResult): void {
    this.promises.settle(result);
    if ("seq" in result) return;
    const { id, error, command } = result;
    this.emitter.emit("commandFailed", { command, error: chatError(error, id) });
  }

  #joined(): void {
    this.#socket.welcomed();
    this.#connectErrors.joined();
    this.#joining?.resolve();
    this.#joining = null;
  }

  #waits(): void {
    this.#socket.waits();
    this.#connectErrors.joined();
  }

  #closed(closing: Closing, failedAttempts: number): void {
    this.replica.disconnected();
    this.#typing.disconnected();
    if (!closing.willReconnect) this.#endRequests();
    this.emitter.emit("close", closing);
    if (failedAttempts > 0 && closing.code !== NORMAL_CLOSURE) {
      this.#connectErrors.failed(closing, failedAttempts);
    }
  }

  #giveUp(message: string): void {
    this.change(() => {
      this.#joining?.reject(new ChatError("closed", message));
      this.#socket.close(ABNORMAL_CLOSURE);
      this.#endRequests();
    });
  }

  #endRequests(): void {
    this.replica.close();
    this.promises.close();
    this.#joining?.reject(notJoinedError(this.replica.outside?.error ?? null));
    this.#flushing?.reject(closedError());
    this.#joining = null;
    this.#flushing = null;
  }

  /** Without a listener, the snapshot is only made when it is read. */
  #emitState(): void {
    const before = this.#state;
    this.#isStateStale = true;
    if (this.emitter.has("state") && this.state !== before) this.emitter.emit("state", this.state);
  }

  #snapshot(): ChatState {
    const { joined, log, limits, clockOffset, presence, typing, outbox } = this.replica;
    return {
      ...this.#socket.status,
      ...joined,
      ...presence,
      ...this.replica.standing,
      outside: this.replica.outside,
      typing: typing.users,
      timeline: log.timeline,
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
