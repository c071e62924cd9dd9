/** A room in memory that keeps the promises of the protocol, for tests of clients. */
import {
  applyChange,
  type ClientCommand,
  eventBody,
  IDEMPOTENCY_MS,
  isChange,
  isTimelineEvent,
  joinLines,
  type LogCommand,
  MAX_FRAME_BYTES,
  type Message,
  PONG,
  parseCommand,
  type RoomEvent,
  type ServerLine,
  splitLines,
  type TimelineEvent,
  utf8Length,
} from "../../src/protocol/index.ts";
import { contentOf } from "../../src/room/message-files.ts";
import type { WorldPeer, WorldRoom } from "./fake-world.ts";

export interface FakeRoomOptions {
  /** Unix ms. */
  readonly now: () => number;
  /** Number of events up to which a resume is granted. */
  readonly resumeEvents?: number;
  /** Commands that a connection may send at once, and ms until it may send one more; default: no limit. */
  readonly burst?: number;
  readonly refillMs?: number;
}

interface Member {
  readonly user: string;
  tokens: number;
  countedAt: number;
}

/** FakeRoom is one log and the connections that receive its events. */
export class FakeRoom implements WorldRoom {
  epoch = "epoch-1";
  /** The log, with messages in their first form. */
  log: RoomEvent[] = [];
  readonly #options: FakeRoomOptions;
  readonly #members = new Map<WorldPeer, Member>();
  #taken = new Map<string, { seq: number; at: number }>();

  constructor(options: FakeRoomOptions) {
    this.#options = options;
  }

  get head(): number {
    return this.log.length;
  }

  /** Deletes the log and starts another. */
  wipe(): void {
    this.epoch = `epoch-${Number(this.epoch.slice(6)) + 1}`;
    this.log = [];
    this.#taken = new Map();
  }

  /** The messages, in their current form, and the notices. */
  get timeline(): TimelineEvent[] {
    const items = new Map<number, TimelineEvent>();
    for (const event of this.log) {
      if (isTimelineEvent(event)) items.set(event.seq, event);
      else if (isChange(event)) {
        const target = items.get(event.target);
        if (target?.type === "message") items.set(event.target, applyChange(target, event));
      }
    }
    return [...items.values()];
  }

  get messages(): Message[] {
    return this.timeline.filter((event) => event.type === "message");
  }

  leave(peer: WorldPeer): void {
    this.#members.delete(peer);
  }

  /** Answers every command in a frame, and then broadcasts the events. */
  receive(peer: WorldPeer, frame: string): void {
    if (utf8Length(frame) > MAX_FRAME_BYTES) throw new Error("the frame is over the limit");
    const answers: string[] = [];
    const before = this.head;
    for (const line of splitLines(frame)) {
      const parsed = parseCommand(line);
      if (!parsed.ok) throw new Error(`invalid line: ${parsed.error.message}`);
      const answer = this.#answer(peer, parsed.value);
      if (answer !== null) answers.push(typeof answer === "string" ? answer : JSON.stringify(answer));
    }
    this.#broadcast(before, peer, answers);
  }

  /** Carries out a command of a user that is not under test. */
  act(user: string, command: LogCommand): void {
    const before = this.head;
    this.#apply(user, command);
    this.#broadcast(before, null, []);
  }

  #answer(peer: WorldPeer, command: ClientCommand): ServerLine | string | null {
    switch (command.type) {
      case "ping":
        return PONG;
      case "hello":
        this.#members.set(peer, {
          user: `user-of-${command.key}`,
          tokens: this.#options.burst ?? Number.POSITIVE_INFINITY,
          countedAt: this.#options.now(),
        });
        return this.#welcome(command);
      case "typing":
        return null;
      case "history":
        return { type: "history", id: command.id, ...this.#before(command.before, command.limit) };
      case "rename":
        return { type: "ok", id: command.id };
      case "search":
        return { type: "found", id: command.id, events: [] };
      default: {
        const member = this.#members.get(peer);
        if (member === undefined) throw new Error("received a command before hello");
        const waitMs = this.#take(member);
        if (waitMs > 0) {
          return {
            type: "error",
            id: command.id,
            code: "rate_limited",
            message: "too fast",
            retryAfter: waitMs,
          };
        }
        return this.#apply(member.user, command);
      }
    }
  }

  #apply(user: string, command: LogCommand): ServerLine {
    const { id } = command;
    const at = this.#options.now();
    const known = this.#taken.get(`${user} ${id}`);
    if (known !== undefined && at - known.at < IDEMPOTENCY_MS) return { type: "ok", id, seq: known.seq };
    const target =
      "target" in command
        ? this.messages.find((message) => message.seq === command.target && !message.deleted)
        : undefined;
    if ("target" in command && target === undefined) {
      return { type: "error", id, code: "not_found", message: "there is no such message" };
    }
    if ((command.type === "edit" || command.type === "delete") && target?.user !== user) {
      return { type: "error", id, code: "forbidden", message: "not yours" };
    }
    const seq = this.head + 1;
    this.log.push(eventOf(command, { seq, at, user, name: `name of ${user}`, id }));
    this.#taken.set(`${user} ${id}`, { seq, at });
    return { type: "ok", id, seq };
  }

  #welcome({ key, resume, history }: Extract<ClientCommand, { type: "hello" }>): ServerLine {
    const user = `user-of-${key}`;
    const current = new Map(this.timeline.map((event) => [event.seq, event]));
    const resumed =
      resume !== undefined &&
      resume.epoch === this.epoch &&
      resume.seq <= this.head &&
      this.head - resume.seq <= (this.#options.resumeEvents ?? Number.POSITIVE_INFINITY);
    const newest = this.#before(this.head + 1, history);
    const events = resumed
      ? this.log.slice(resume.seq).map((event) => current.get(event.seq) ?? event)
      : newest.events.map((event) => current.get(event.seq) ?? event);
    return {
      type: "welcome",
      room: "fake",
      you: { user, name: `name of ${user}` },
      epoch: this.epoch,
      seq: this.head,
      resumed,
      events: events.map((event) => (event.user === user ? event : withoutId(event))),
      more: resumed ? resume.seq > 0 : newest.more,
      online: this.#members.size,
      members: null,
      limits: { text: 8192, name: 32, frame: MAX_FRAME_BYTES },
      now: this.#options.now(),
    };
  }

  #before(seq: number, limit: number): { events: TimelineEvent[]; more: boolean } {
    const older = this.timeline.filter((event) => event.seq < seq);
    const events = limit === 0 ? [] : older.slice(-limit);
    return { events: events.map(withoutId), more: older.length > events.length };
  }

  /** Takes a token. Returns 0, or the ms until there is one to take. */
  #take(member: Member): number {
    const { now, burst, refillMs = 1 } = this.#options;
    if (burst === undefined) return 0;
    const at = now();
    member.tokens = Math.min(burst, member.tokens + (at - member.countedAt) / refillMs);
    member.countedAt = at;
    if (member.tokens < 1) return Math.ceil((1 - member.tokens) * refillMs);
    member.tokens -= 1;
    return 0;
  }

  #broadcast(before: number, sender: WorldPeer | null, answers: readonly string[]): void {
    const events = this.log.slice(before).map((event) => JSON.stringify(withoutId(event)));
    for (const peer of this.#members.keys()) {
      const lines = [...(peer === sender ? answers : []), ...events];
      if (lines.length > 0) peer.send(joinLines(lines));
    }
  }
}

function eventOf(
  command: LogCommand,
  stamp: { seq: number; at: number; user: string; name: string; id: string },
): RoomEvent {
  return { ...contentOf(eventBody(command), [], () => null), ...stamp };
}

function withoutId<E extends RoomEvent>(event: E): E {
  const { id: _, ...shown } = event;
  return shown as E;
}
