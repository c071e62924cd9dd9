/** ChatClient: one room, as a program uses it. */
import type { LogCommand, RoomEvent } from "../protocol/events.ts";
import { ID_PATTERN } from "../protocol/fields.ts";
import { DEFAULT_HISTORY } from "../protocol/limits.ts";
import { ChatError, chatError, closedError, notJoinedError } from "./chat-error.ts";
import { type Ack, abortable, CommandPromises, sizeError } from "./command-promises.ts";
import { ConnectErrors } from "./connect-errors.ts";
import { Emitter } from "./emitter.ts";
import type { FileBody, UploadedFile, UploadOptions } from "./files.ts";
import { apiUrl } from "./http-api.ts";
import {
  type CallOptions,
  type ChatClientOptions,
  checkSecret,
  completeOptions,
  type FollowLogOptions,
  type PageOptions,
  type SearchOptions,
} from "./options.ts";
import type { CommandResult } from "./outbox.ts";
import { OutboxStore } from "./outbox-storage.ts";
import { isLoaded, type PageTarget } from "./page-requests.ts";
import { Alarm, type Deferred, deferred, systemFetch } from "./platform.ts";
import { TypingThrottle } from "./presence.ts";
import { ABNORMAL_CLOSURE, type Closing, NORMAL_CLOSURE, ReconnectingSocket } from "./reconnecting-socket.ts";
import { type CommandBody, RoomCommands } from "./room-commands.ts";
import { RoomReplica } from "./room-replica.ts";
import type { FoundMessages } from "./search-requests.ts";
import {
  type ChatEvents,
  type ChatState,
  checkEventName,
  isSameState,
  type LogGap,
  type LogPosition,
} from "./state.ts";
import type { Gap, TimelineMessage } from "./timeline.ts";

/**
 * ChatClient keeps a program in one room. It connects, reconnects and resumes, sends commands once
 * and in order, and shows the room as `state`.
 *
 * Its promises may be ignored: none of them causes an unhandled rejection.
 *
 * @example
 * const client = new ChatClient({ url: "wss://chat.example/ws/demo", name: "Ada" });
 * client.on("event", (event) => console.log(event));
 * await client.connect();
 * await client.send("Hello");
 */
export class ChatClient extends RoomCommands {
  readonly #options: ReturnType<typeof completeOptions>;
  readonly #store: OutboxStore;
  readonly #replica: RoomReplica;
  readonly #promises = new CommandPromises();
  readonly #socket: ReconnectingSocket;
  readonly #connectErrors: ConnectErrors;
  readonly #emitter = new Emitter<ChatEvents>();
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
    super();
    this.#options = completeOptions(options);
    const { url, fetch, clock, key, storage, keepFailed } = this.#options;
    this.#alarm = new Alarm(clock, () => this.#change(() => {}));
    this.#store = new OutboxStore(storage, key, keepFailed);
    this.#replica = new RoomReplica(
      { ...this.#options, key: this.#store.key, outbox: this.#store.outbox },
      {
        now: () => clock.now(),
        emit: (type, event) => this.#emitter.emit(type, event),
        settled: (result) => this.#settled(result),
        joined: () => this.#joined(),
        waits: () => this.#waits(),
        fail: (reason) => this.#socket.fail(reason),
        isLive: () => this.#socket.isLive,
      },
    );
    this.#connectErrors = new ConnectErrors(url, fetch, {
      emit: (error) => this.#change(() => this.#emitter.emit("connectError", error)),
      giveUp: (message) => this.#giveUp(message),
    });
    this.#socket = new ReconnectingSocket(this.#options, {
      hello: () => this.#replica.hello(),
      received: (frame) => this.#change(() => this.#replica.receive(frame)),
      changed: () => this.#change(() => {}),
      closed: (closing, failedAttempts) => this.#change(() => this.#closed(closing, failedAttempts)),
      isOverdue: () => this.#replica.isOverdue,
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

  /** Position after the newest event, for the option `resume` of a later client; `null` before the first. */
  get position(): LogPosition | null {
    return this.#replica.position;
  }

  /**
   * Joins the room, and stays in it until `close`. Resolves with the first `welcome`, also if the user has to
   * wait for it (`state.outside.waits`). Rejects if the client closes before that; the error's `cause` says why
   * the room does not let the user in. An aborted signal closes the client.
   */
  connect({ signal }: CallOptions = {}): Promise<void> {
    const join = async () => {
      this.#change(() => this.#socket.open());
      if (this.#socket.isOnline) return;
      this.#joining ??= deferred();
      await this.#joining.promise;
    };
    return abortable(join, signal, () => this.close());
  }

  /**
   * Leaves the room. Promises that are not settled reject with `closed`. The outbox keeps its commands,
   * also in the storage, and the next `connect` sends them.
   */
  close(): void {
    this.#change(() => {
      // What the room said on an earlier connection is not why this attempt ends.
      this.#joining?.reject(closedError());
      this.#socket.close();
      this.#endRequests();
      this.#store.flush(this.#options.clock.now());
    });
  }

  /** Sets the proof of the room's password, from `passwordProof`, for the next `connect`. */
  usePassword(proof: string): void {
    checkSecret(proof, "the proof of a password");
    this.#options.entry.password = proof;
  }

  /** Connects at once if the client is waiting for its next attempt. */
  reconnectNow(): void {
    this.#change(() => this.#socket.retryNow());
  }

  /** Resolves once no command is queued or unanswered; failed ones do not count. */
  flush({ signal }: CallOptions = {}): Promise<void> {
    const flush = async () => {
      if (!this.#replica.outbox.isPending) return;
      this.#flushing ??= deferred();
      await this.#flushing.promise;
    };
    return abortable(flush, signal);
  }

  /** Changes the display name, now or on the next connection. Rejects with a ChatError. */
  rename(name: string, { signal }: CallOptions = {}): Promise<void> {
    return abortable(() => this.#change(() => this.#replica.rename.request(name)), signal);
  }

  /** Sends a typing indicator, throttled; dropped while offline. */
  typing(on: boolean): void {
    if (!this.#socket.isOnline || !this.#typing.allows(on, this.#options.clock.now())) return;
    this.#change(() => this.#socket.send(JSON.stringify({ type: "typing", on })));
  }

  /**
   * Loads the newest messages and notices before `state.timeline.start` and returns the messages. There are
   * older ones while `state.timeline.more`. Parallel calls share one request.
   */
  loadEarlier(options: PageOptions = {}): Promise<readonly TimelineMessage[]> {
    return this.#load({ type: "earlier" }, options);
  }

  /** Loads the newest messages of a gap and returns them: the gap shrinks, or is removed. */
  fillGap(gap: Gap, options: PageOptions = {}): Promise<readonly TimelineMessage[]> {
    return this.#load({ type: "gap", after: gap.after }, options);
  }

  /**
   * Searches the room's messages and returns a page of those that match, newest first.
   *
   * @param q - words, `"several words"`, `from:name`, `before:2026-01-31`, `after:2026-01-31`, `has:link`
   * @param options.before - `before` of the page to go on from
   */
  search(q: string, { before, limit, signal }: SearchOptions = {}): Promise<FoundMessages> {
    const search = { q, before, limit };
    const { searches } = this.#replica;
    return abortable(
      async () => this.#change(() => searches.add(search)),
      signal,
      () => searches.drop(search),
    );
  }

  /**
   * Uploads a file for a message of this user: see the option `files` of `send`. The room deletes it if no message
   * has it within an hour.
   */
  upload(body: FileBody, options: UploadOptions = {}): Promise<UploadedFile> {
    const upload = async () => (await import("./files.ts")).upload(this.#files(), body, options);
    return abortable(upload, options.signal);
  }

  /** Returns the bytes of a file of a message. Rejects with `not_found` if the message was deleted. */
  download({ id }: { readonly id: string }, options: CallOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const download = async () =>
      (await import("./files.ts")).download(this.#files(), this.fileUrl({ id }), options);
    return abortable(download, options.signal);
  }

  /**
   * Returns the URL of a file. Anyone can read it while anyone can read the room; otherwise use `download`, which
   * sends the key, which identifies the user.
   */
  fileUrl({ id, name }: { readonly id: string; readonly name?: string | undefined }): string {
    return apiUrl(
      this.#options.url,
      `files/${id}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`,
    );
  }

  /**
   * Iterates over each event of the log after a position, once and in order: missed ones over HTTP, new
   * ones as they arrive. It yields a LogGap for events that the room has pruned. It ends with `close`, and
   * throws if the room closes the connection for good or the signal is aborted.
   *
   * @param options.after - a position, `{ seq: 0 }` for everything that the room keeps; default: from now
   */
  async *events({ after, signal }: FollowLogOptions = {}): AsyncGenerator<RoomEvent | LogGap, void, void> {
    const { fetch, clock, url, entry } = this.#options;
    const { followLog } = await import("./log-events.ts");
    const secrets = { key: this.#store.key, entry };
    yield* followLog(this, { fetch, clock, url, secrets, after, signal });
  }

  /** Queues a failed command again, at the end and under a new id. */
  retry(id: string): void {
    const { newId, clock } = this.#options;
    this.#change(() => this.#replica.outbox.retry(id, newId(), clock.now()));
  }

  /** Removes a command that failed or was never sent; the promise of the latter rejects with `discarded`. */
  discard(id: string): void {
    this.#change(() => {
      if (this.#replica.outbox.discard(id)) this.#promises.discarded(id);
    });
  }

  /**
   * Adds a listener. An error that it throws is reported as uncaught and disturbs no other listener.
   * Throws a TypeError if there is no such event.
   *
   * @returns a function that removes the listener
   */
  on<K extends keyof ChatEvents>(type: K, listener: (event: ChatEvents[K]) => void): () => void {
    checkEventName(type);
    return this.#emitter.on(type, listener);
  }

  /** Adds a listener for the next event of this name only. */
  once<K extends keyof ChatEvents>(type: K, listener: (event: ChatEvents[K]) => void): () => void {
    const remove = this.on(type, (event) => {
      remove();
      listener(event);
    });
    return remove;
  }

  protected override command(
    body: CommandBody,
    { signal }: CallOptions,
    id = this.#options.newId(),
  ): Promise<Ack> {
    const command: LogCommand = { ...body, id };
    const { outbox, limits } = this.#replica;
    const add = async () => {
      // The answer to a command with an invalid id could not be assigned to it.
      if (!ID_PATTERN.test(id)) throw new TypeError("id must be 1 to 64 characters of A-Z a-z 0-9 _ -");
      const error = sizeError(command, limits);
      if (error !== null) {
        this.#change(() => this.#emitter.emit("commandFailed", { command, error }));
        throw error;
      }
      const promise = this.#promises.add(command.id);
      this.#change(() => outbox.add(command, this.#options.clock.now()));
      return promise;
    };
    return abortable(add, signal, () => this.discard(command.id));
  }

  #files() {
    const { url, fetch, entry } = this.#options;
    const secrets = { key: this.#store.key, entry };
    return { url, fetch: fetch ?? systemFetch(), secrets, limits: this.#replica.limits };
  }

  #load(target: PageTarget, { limit, signal }: PageOptions): Promise<readonly TimelineMessage[]> {
    const { pages, timeline } = this.#replica;
    const load = async () => {
      if (isLoaded(target, timeline)) return [];
      return this.#change(() => pages.add(target, limit ?? (this.#options.history || DEFAULT_HISTORY)));
    };
    return abortable(load, signal);
  }

  #settled(result: CommandResult): void {
    this.#promises.settle(result);
    if ("seq" in result) return;
    const { id, error, command } = result;
    this.#emitter.emit("commandFailed", { command, error: chatError(error, id) });
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
    this.#replica.disconnected();
    this.#typing.disconnected();
    if (!closing.willReconnect) this.#endRequests();
    this.#emitter.emit("close", closing);
    if (failedAttempts > 0 && closing.code !== NORMAL_CLOSURE) {
      this.#connectErrors.failed(closing, failedAttempts);
    }
  }

  #giveUp(message: string): void {
    this.#change(() => {
      this.#joining?.reject(new ChatError("closed", message));
      this.#socket.close(ABNORMAL_CLOSURE);
      this.#endRequests();
    });
  }

  #endRequests(): void {
    this.#replica.close();
    this.#promises.close();
    this.#joining?.reject(notJoinedError(this.#replica.outside?.error ?? null));
    this.#flushing?.reject(closedError());
    this.#joining = null;
    this.#flushing = null;
  }

  /**
   * Runs `work` and then, once, everything that follows from it: sends, saves, sets the next alarm
   * and emits events. A change within a change is part of the outer one.
   *
   * @returns the result of `work`
   */
  #change<Result>(work: () => Result): Result {
    if (this.#isChanging) return work();
    const { clock } = this.#options;
    this.#isChanging = true;
    let result: Result;
    try {
      result = work();
      const frames = this.#replica.takeFrames();
      // Saved before it is sent: after a reload, the client must know that it may have been sent.
      if (frames.length > 0) this.#store.flush(clock.now());
      for (const frame of frames) this.#socket.send(frame);
      this.#store.save(clock.now());
    } finally {
      this.#isChanging = false;
    }
    this.#alarm.set(earliest(this.#replica.dueAt, this.#store.dueAt));
    if (this.#flushing !== null && !this.#replica.outbox.isPending) {
      this.#flushing.resolve();
      this.#flushing = null;
    }
    this.#emitState();
    this.#emitter.flush();
    return result;
  }

  /** Without a listener, the snapshot is only made when it is read. */
  #emitState(): void {
    const before = this.#state;
    this.#isStateStale = true;
    if (this.#emitter.has("state") && this.state !== before) this.#emitter.emit("state", this.state);
  }

  #snapshot(): ChatState {
    const { joined, timeline, limits, clockOffset, presence, typing, outbox } = this.#replica;
    return {
      ...this.#socket.status,
      ...joined,
      ...presence,
      ...this.#replica.standing,
      outside: this.#replica.outside,
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
