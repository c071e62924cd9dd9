/** ChatClient: one room, as a program sees it. */
import { DEFAULT_HISTORY } from "../protocol/limits.ts";
import { Alarm } from "./alarm.ts";
import { type Closing, Connection } from "./connection.ts";
import type { Want } from "./history.ts";
import { Notifier } from "./notifier.ts";
import { type ChatClientOptions, checkOptions, platformOf } from "./options.ts";
import type { OutboxCommand } from "./outbox-entry.ts";
import { OutboxKeeper } from "./outbox-storage.ts";
import type { Ack } from "./pending-commands.ts";
import { type Clock, randomToken } from "./platform.ts";
import { Session } from "./session.ts";
import { type ChatEvents, type ChatState, isSameState } from "./state.ts";
import { type Gap, gapAfter } from "./timeline.ts";
import { TypingThrottle } from "./typing-throttle.ts";

/**
 * ChatClient keeps one in a room: it connects, reconnects and resumes, sends what it is given
 * once and in order, and shows the room as `state`.
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
  readonly #keeper: OutboxKeeper;
  /** Key of a throw-away identity, where no other was handed in. */
  readonly #throwawayKey: string | undefined;
  readonly #session: Session;
  readonly #connection: Connection;
  readonly #notifier = new Notifier<ChatEvents>();
  readonly #typing = new TypingThrottle();
  readonly #alarm: Alarm;
  #state: ChatState;
  #isChanging = false;

  /** Connects to nothing yet. Throws a TypeError for a `key` or `history` that no room would take. */
  constructor(options: ChatClientOptions) {
    checkOptions(options);
    const { url, key, history, name, storage } = options;
    const { clock, newId, ...platform } = platformOf(options);
    this.#clock = clock;
    this.#newId = newId;
    this.#alarm = new Alarm(clock, () => this.#change(() => {}));
    this.#pageSize = history || DEFAULT_HISTORY;
    this.#keeper = new OutboxKeeper(storage);
    const identity = key ?? this.#keeper.key ?? randomToken();
    this.#throwawayKey = key === undefined ? identity : undefined;
    this.#session = new Session(
      { key: identity, name, history, newId, outbox: this.#keeper.outbox },
      {
        now: () => clock.now(),
        happened: (type, event) => this.#notifier.add(type, event),
        joined: () => this.#connection.welcomed(),
        broken: (reason) => this.#connection.giveUp(reason),
        isLive: () => this.#connection.isLive,
      },
    );
    this.#connection = new Connection(
      { ...platform, clock, url: url.replace(/^http/i, "ws") },
      {
        hello: () => this.#session.hello(),
        received: (frame) => this.#change(() => this.#session.receive(frame)),
        changed: () => this.#change(() => {}),
        closed: (closing) => this.#change(() => this.#disconnected(closing)),
        isOverdue: () => this.#session.isOverdue,
      },
    );
    this.#state = this.#snapshot();
  }

  /** Snapshot of everything known; another object after each change. */
  get state(): ChatState {
    return this.#state;
  }

  /** Joins the room, and stays in it until `close`. */
  connect(): void {
    this.#change(() => this.#connection.open());
  }

  /**
   * Leaves the room. Promises that are not settled reject with `closed`; what is in the outbox
   * stays there, and goes out after the next `connect`.
   */
  close(): void {
    this.#change(() => {
      this.#connection.close();
      this.#session.close();
    });
  }

  /** Tries again at once, where it waits to try again. */
  reconnectNow(): void {
    this.#change(() => this.#connection.retryNow());
  }

  /** Sends a message, now or when there is a connection. Rejects with a ChatError. */
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

  /** Adds a reaction to a message, or takes it back. */
  react(target: number, emoji: string, on: boolean): Promise<Ack> {
    return this.#command({ type: "react", id: this.#newId(), target, emoji, on });
  }

  /** Takes another name, now or when there is a connection. */
  rename(name: string): Promise<void> {
    return this.#change(() => this.#session.rename.request(name));
  }

  /** Says that one types or stopped; said too often, or without a connection, it is not sent. */
  typing(on: boolean): void {
    if (!this.#connection.isOnline || !this.#typing.pass(on, this.#clock.now())) return;
    this.#change(() => this.#connection.send(JSON.stringify({ type: "typing", on })));
  }

  /** Loads messages older than any known, if there are more and none are being loaded. */
  async loadEarlier(limit = this.#pageSize): Promise<void> {
    if (!this.#state.timeline.more) return;
    await this.#load({ type: "earlier" }, limit);
  }

  /** Loads messages into a gap, from its newer side: it shrinks, or goes. */
  async fillGap(gap: Gap, limit = this.#pageSize): Promise<void> {
    if (gapAfter(this.#state.timeline, gap.after) === undefined) return;
    await this.#load({ type: "gap", after: gap.after }, limit);
  }

  /** Queues a failed command anew, at the end and under a new id. */
  retry(id: string): void {
    this.#change(() => this.#session.commands.retry(id, this.#newId(), this.#clock.now()));
  }

  /** Drops a command that failed, or that never left; the promise of the latter rejects with `discarded`. */
  discard(id: string): void {
    this.#change(() => this.#session.commands.discard(id));
  }

  /**
   * Listens. A listener that throws disturbs no other; its error is reported as an uncaught one.
   *
   * @returns what ends the listening
   */
  on<K extends keyof ChatEvents>(type: K, listener: (event: ChatEvents[K]) => void): () => void {
    return this.#notifier.on(type, listener);
  }

  #command(command: OutboxCommand): Promise<Ack> {
    const { commands, limits } = this.#session;
    return this.#change(() => commands.add(command, limits, this.#clock.now()));
  }

  #load(want: Want, limit: number): Promise<void> {
    return this.#change(() => this.#session.pages.add(want, limit));
  }

  #disconnected(closing: Closing): void {
    this.#session.disconnected();
    this.#typing.disconnected();
    if (!closing.willReconnect) this.#session.close();
    this.#notifier.add("close", closing);
  }

  /**
   * Does `work`, then all that follows from it, once: sending, saving, the next alarm, telling.
   * A change within a change is part of it.
   *
   * @returns what `work` returned
   */
  #change<Result>(work: () => Result): Result {
    if (this.#isChanging) return work();
    this.#isChanging = true;
    let result: Result;
    try {
      result = work();
      const frames = this.#session.takeFrames();
      // Kept before it is sent: after a reload it must be known that it may have been.
      this.#keeper.save(this.#session.commands.outbox, this.#throwawayKey);
      for (const frame of frames) this.#connection.send(frame);
      this.#keeper.save(this.#session.commands.outbox, this.#throwawayKey);
    } finally {
      this.#isChanging = false;
    }
    this.#alarm.set(this.#session.dueAt);
    const next = this.#snapshot();
    if (!isSameState(this.#state, next)) {
      this.#state = next;
      this.#notifier.add("state", next);
    }
    this.#notifier.flush();
    return result;
  }

  #snapshot(): ChatState {
    const { place, timeline, limits, clockOffset, presence, typing, commands } = this.#session;
    return {
      ...this.#connection.status,
      ...place,
      ...presence,
      typing: typing.users,
      timeline,
      outbox: commands.outbox.entries,
      limits,
      clockOffset,
    };
  }
}
