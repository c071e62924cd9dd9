/** ChatClient: one room, as a program uses it. */
import type { LogCommand, RoomEvent } from "../protocol/events.ts";
import { DEFAULT_HISTORY } from "../protocol/limits.ts";
import { ClientCore } from "./client-core.ts";
import { type Ack, abortable } from "./command-promises.ts";
import type { FileBody, UploadedFile, UploadOptions } from "./files.ts";
import { apiUrl } from "./http-api.ts";
import {
  type CallOptions,
  type ChatClientOptions,
  checkSecret,
  type FollowLogOptions,
  type PageOptions,
  type SearchOptions,
} from "./options.ts";
import { isLoaded, type PageTarget } from "./page-requests.ts";
import { systemFetch } from "./platform.ts";
import { type CommandBody, RoomCommands } from "./room-commands.ts";
import type { FoundMessages } from "./search-requests.ts";
import { type ChatEvents, type ChatState, checkEventName, type LogGap, type LogPosition } from "./state.ts";
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
  readonly #core: ClientCore;

  /** Does not connect yet. Throws a TypeError for options that cannot work. */
  constructor(options: ChatClientOptions) {
    super();
    this.#core = new ClientCore(options);
  }

  /** Snapshot of the room; a new object after each change. */
  get state(): ChatState {
    return this.#core.state;
  }

  /** Position after the newest event, for the option `resume` of a later client; `null` before the first. */
  get position(): LogPosition | null {
    return this.#core.replica.log.position;
  }

  /**
   * Joins the room, and stays in it until `close`. Resolves with the first `welcome`, also if the user has to
   * wait for it (`state.outside.waits`). Rejects if the client closes before that; the error's `cause` says why
   * the room does not let the user in. An aborted signal closes the client.
   */
  connect({ signal }: CallOptions = {}): Promise<void> {
    return abortable(
      () => this.#core.connect(),
      signal,
      () => this.close(),
    );
  }

  /**
   * Leaves the room. Promises that are not settled reject with `closed`. The outbox keeps its commands,
   * also in the storage, and the next `connect` sends them.
   */
  close(): void {
    this.#core.close();
  }

  /** Sets the proof of the room's password, from `passwordProof`, for the next `connect`. */
  usePassword(proof: string): void {
    checkSecret(proof, "the proof of a password");
    this.#core.usePassword(proof);
  }

  /** Connects at once if the client is waiting for its next attempt. */
  reconnectNow(): void {
    this.#core.reconnectNow();
  }

  /** Resolves once no command is queued or unanswered; failed ones do not count. */
  flush({ signal }: CallOptions = {}): Promise<void> {
    return abortable(() => this.#core.flush(), signal);
  }

  /** Changes the display name, now or on the next connection. Rejects with a ChatError. */
  rename(name: string, { signal }: CallOptions = {}): Promise<void> {
    return abortable(() => this.#core.change(() => this.#core.replica.rename.request(name)), signal);
  }

  /** Sends a typing indicator, throttled; dropped while offline. */
  typing(on: boolean): void {
    this.#core.typing(on);
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
    const { searches } = this.#core.replica;
    return abortable(
      async () => this.#core.change(() => searches.add(search)),
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
      this.#core.options.url,
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
    const { options, secrets } = this.#core;
    const { fetch, clock, url } = options;
    const { followLog } = await import("./log-events.ts");
    yield* followLog(this, { fetch, clock, url, secrets, after, signal });
  }

  /** Queues a failed command again, at the end and under a new id. */
  retry(id: string): void {
    const { options, replica } = this.#core;
    this.#core.change(() => replica.outbox.retry(id, options.newId(), options.clock.now()));
  }

  /** Removes a command that failed or was never sent; the promise of the latter rejects with `discarded`. */
  discard(id: string): void {
    const { replica, promises } = this.#core;
    this.#core.change(() => {
      if (replica.outbox.discard(id)) promises.discarded(id);
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
    return this.#core.emitter.on(type, listener);
  }

  /** Adds a listener for the next event of this name only. */
  once<K extends keyof ChatEvents>(type: K, listener: (event: ChatEvents[K]) => void): () => void {
    const remove = this.on(type, (event) => {
      remove();
      listener(event);
    });
    return remove;
  }

  protected override command(body: CommandBody, { signal }: CallOptions, id?: string): Promise<Ack> {
    const { options } = this.#core;
    const command: LogCommand = { ...body, id: id ?? options.newId() };
    const add = async () => this.#core.command(command);
    return abortable(add, signal, () => this.discard(command.id));
  }

  #files() {
    const { options, secrets, replica } = this.#core;
    const { url, fetch } = options;
    return { url, fetch: fetch ?? systemFetch(), secrets, limits: replica.limits };
  }

  #load(target: PageTarget, { limit, signal }: PageOptions): Promise<readonly TimelineMessage[]> {
    const { options, replica } = this.#core;
    const load = async () => {
      if (isLoaded(target, replica.log.timeline)) return [];
      return this.#core.change(() =>
        replica.pages.add(target, limit ?? (options.history || DEFAULT_HISTORY)),
      );
    };
    return abortable(load, signal);
  }
}
