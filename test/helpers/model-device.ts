/** ModelDevice: one device in a model run. It checks each line that it receives against the model. */
import assert from "node:assert/strict";
import {
  isChange,
  type LogEntry,
  type Message,
  plainLine,
  type RoomEvent,
  type ServerLine,
  type TimelineEvent,
} from "../../src/protocol/index.ts";
import { changed, type ModelLog, type ModelResult, normalized, withoutId } from "./model-log.ts";
import { comparableState } from "./model-rules.ts";
import { parseFrame, type TestPeer } from "./test-room.ts";

/** ExpectedWelcome is what the model determines of a welcome. */
export interface ExpectedWelcome {
  readonly seq: number;
  readonly resumed: boolean;
  readonly events: RoomEvent[];
  readonly more: boolean;
}

/** Reason is why the room may disconnect a device: the close code, and the error before it if there is one. */
export interface Reason {
  readonly code: number;
  readonly error?: string;
}

/** Expected is the result of one command: one of `allowed`. */
interface Expected {
  readonly allowed: readonly (ModelResult | "renamed")[];
  /** The command made a new event. */
  readonly isNew: boolean;
}

/** A line about entering that must arrive, in order. */
type EntryLine =
  | { readonly type: "welcome"; readonly welcome: ExpectedWelcome }
  | { readonly type: "outside"; readonly waits: boolean }
  | { readonly type: "error"; readonly error: string };

/** What a device asked for in its hello. */
export interface ModelHello {
  /** Seq to resume after; `undefined`: no resume. */
  readonly resume?: { readonly epoch: string; readonly seq: number } | undefined;
  readonly history: number;
  readonly password: string | undefined;
}

/** ModelDevice has one connection and the messages that it shows. */
export class ModelDevice {
  readonly peer: TestPeer;
  readonly isPlain: boolean;
  readonly user: string;
  readonly network: string | null;
  /** Name that the device joined with; `""` in plain mode. */
  readonly owner: string;
  /** Time when it connected, Unix ms. */
  readonly since: number;
  name: string;
  hello: ModelHello;
  state: "joining" | "waiting" | "joined" | "closed" = "joining";
  /** What the device asked for while its hello waited for a commit. */
  held: (() => void)[] = [];
  /** Seq of the last event that it received. */
  lastSeq = 0;
  shown = new Map<number, Message>();
  /** Lines of plain mode that begin with `* `, since the last check. */
  notices = 0;
  #epoch = "";
  #entry: EntryLine[] = [];
  /** Reasons for which the room may have disconnected it; none: it is connected. */
  #reasons: readonly Reason[] = [];
  /** What the last welcome or state line said. */
  #told: Extract<ServerLine, { type: "welcome" }> | Extract<ServerLine, { type: "state" }> | null = null;
  #waiting: string[] = [];
  /** Expected answers to history commands, by command id. */
  readonly #histories = new Map<string, { events: TimelineEvent[]; more: boolean }>();
  /** Expected results, by command id. */
  readonly #results = new Map<string, Expected[]>();

  constructor(
    peer: TestPeer,
    {
      user,
      owner,
      network,
      since,
      hello,
    }: Pick<ModelDevice, "user" | "owner" | "network" | "since" | "hello">,
  ) {
    this.peer = peer;
    this.isPlain = peer.session?.mode === "plain";
    this.user = user;
    this.owner = owner;
    this.name = owner;
    this.network = network;
    this.since = since;
    this.hello = hello;
  }

  /** Epoch of its welcome; `""` before that. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Whether a welcome has not arrived yet. */
  get isJoining(): boolean {
    return this.#entry.length > 0 || this.state !== "joined";
  }

  expectWelcome(welcome: ExpectedWelcome): void {
    this.#entry.push({ type: "welcome", welcome });
    this.lastSeq = welcome.seq;
    this.state = "joined";
    // A plain connection, which has no welcome, is named by the room. A muted user keeps the earlier name.
    this.name = this.peer.session?.name ?? "";
  }

  expectWait(): void {
    this.#entry.push({ type: "outside", waits: true });
    this.state = "waiting";
    this.notices += 1;
  }

  /** The device must receive an error that belongs to no command. */
  expectError(error: string): void {
    this.#entry.push({ type: "error", error });
    this.notices += 1;
  }

  expectRefusal(reason: Reason, isOutside: boolean): void {
    if (isOutside) this.#entry.push({ type: "outside", waits: false });
    this.expectClose([reason]);
  }

  /** The room disconnects it. If there are several reasons, the document leaves open which one is told. */
  expectClose(reasons: readonly Reason[]): void {
    const [first, ...others] = reasons;
    if (first?.error !== undefined && others.length === 0) this.expectError(first.error);
    this.#reasons = reasons;
    this.state = "closed";
  }

  expectHistory(id: string, events: TimelineEvent[], more: boolean): void {
    this.#histories.set(id, { events, more });
  }

  expectResult(id: string, allowed: Expected["allowed"], isNew: boolean): void {
    this.#results.set(id, [...(this.#results.get(id) ?? []), { allowed, isNew }]);
  }

  /** Checks the lines since the last call, in `chat.v1`. The room has flushed everything. `now` is Unix ms. */
  checkLines(log: ModelLog, now: number): void {
    for (const frame of this.peer.take()) {
      for (const line of parseFrame(frame)) this.#checkLine(line, log);
    }
    assert.deepEqual(this.#entry, [], "a hello has an answer");
    this.#checkClose();
    assert.equal(this.#histories.size, 0, "a history command has an answer");
    assert.deepEqual([...this.#results.values()].flat(), [], "a command has a result");
    if (this.state !== "joined") return;
    assert.equal(this.lastSeq, log.head, "a joined connection has every event");
    const told = this.#told === null ? {} : comparableState(this.#told, now);
    assert.deepEqual(told, log.rules.told(this.user, now), "what a client knows of the room");
    for (const message of this.shown.values()) {
      const expected = log.messages.get(message.seq) ?? message;
      assert.deepEqual(normalized(withoutId(message)), normalized(withoutId(expected)), "a shown message");
    }
  }

  /** Checks whom a moderator knows to wait. The room has told everything. */
  checkWaiting(users: readonly string[]): void {
    assert.deepEqual(this.#waiting.toSorted(), users.toSorted(), "the users who wait");
  }

  /**
   * Checks the lines since the last call, in plain mode.
   *
   * @param events - events of the flush
   * @param plainUsers - users whose texts are shown without a name
   */
  checkTexts(events: readonly RoomEvent[], plainUsers: ReadonlySet<string>): void {
    const lines = this.peer.take().flatMap((frame) => frame.split("\n"));
    const texts = events.flatMap((event) => {
      if (event.type !== "message") return [];
      return [plainUsers.has(event.user) ? event.text : plainLine(`${event.name}: ${event.text}`)];
    });
    const isNotice = (line: string) => line.startsWith("* ");
    assert.deepEqual(
      lines.filter((line) => !isNotice(line)),
      texts,
    );
    const notices = lines.filter(isNotice).length;
    if (this.#reasons.length < 2) assert.equal(notices, this.notices, `notices in ${JSON.stringify(lines)}`);
    this.notices = 0;
    this.#checkClose();
  }

  #checkClose(): void {
    const codes = this.#reasons.map(({ code }) => code);
    if (codes.length === 0) assert.equal(this.peer.closedWith, undefined, "nothing closes the connection");
    else assert(codes.includes(this.peer.closedWith ?? 0), `${this.peer.closedWith} instead of ${codes}`);
  }

  #checkLine(line: ServerLine, log: ModelLog): void {
    switch (line.type) {
      case "welcome": {
        const next = this.#entry.shift();
        assert(next?.type === "welcome", "an unexpected welcome");
        const { seq, resumed, more } = line;
        const events = known(line.events);
        assert.deepEqual({ seq, resumed, more, events: events.map(normalized) }, next.welcome);
        assert.equal(line.you.user, this.user, "a key is one user");
        this.#epoch = line.epoch;
        this.#told = line;
        this.#waiting = (line.waiting ?? []).map(({ user }) => user);
        for (const event of events) this.#show(event);
        return;
      }
      case "outside": {
        const next = this.#entry.shift();
        assert(next?.type === "outside", "an unexpected outside");
        assert.equal(line.waits, next.waits);
        assert.equal(line.you.user, this.user, "a key is one user");
        return;
      }
      case "ok":
      case "error":
        this.#checkResult(line);
        return;
      case "state":
        this.#told = line;
        if (line.role === "member") this.#waiting = [];
        return;
      case "knocks":
        this.#waiting = line.waiting.map(({ user }) => user);
        return;
      case "history": {
        const expected = this.#histories.get(line.id);
        assert(expected !== undefined, "an unexpected history");
        this.#histories.delete(line.id);
        const events = expected.events.map((event) => normalized(withoutId(event)));
        assert.deepEqual([known(line.events).map(normalized), line.more], [events, expected.more]);
        return;
      }
      case "presence":
      case "typing":
      case "pong":
      case "found":
        return;
      default:
        this.#checkEvent(line, log);
    }
  }

  #checkResult(line: Extract<ServerLine, { type: "ok" | "error" }>): void {
    const error = line.type === "error" ? textOf(line) : undefined;
    if (line.id === undefined) {
      if (this.#reasons.some((reason) => reason.error === error)) {
        this.#entry = this.#entry.filter((next) => next.type !== "error" || next.error !== error);
        return;
      }
      const next = this.#entry.shift();
      assert(next?.type === "error", `an unexpected error: ${error}`);
      assert.equal(error, next.error);
      return;
    }
    const [expected, ...later] = this.#results.get(line.id) ?? [];
    assert(expected !== undefined, `an unexpected result: ${JSON.stringify(line)}`);
    this.#results.set(line.id, later);
    const actual = line.type === "error" ? textOf(line) : (line.seq ?? "renamed");
    assert(expected.allowed.includes(actual), `${JSON.stringify(line)} instead of ${expected.allowed}`);
    if (line.type === "ok" && expected.isNew) assert(this.lastSeq < (line.seq ?? 0), "ok precedes its event");
  }

  #checkEvent(line: LogEntry, log: ModelLog): void {
    const [event] = known([line]);
    assert(event !== undefined, "an unknown line");
    assert(this.#entry[0]?.type !== "welcome", "the welcome precedes every event");
    assert.equal(event.seq, this.lastSeq + 1, "seqs have no gap and no repetition");
    const expected = withoutId(log.event(event.seq));
    assert.deepEqual("memberName" in expected ? event : withoutMemberName(event), expected);
    this.lastSeq = event.seq;
    this.#show(event);
  }

  /** Applies an event to the shown messages. */
  #show(event: RoomEvent): void {
    if (event.type === "message") {
      this.shown.set(event.seq, event);
      return;
    }
    if (!isChange(event)) return;
    const message = this.shown.get(event.target);
    if (message !== undefined) this.shown.set(event.target, changed(message, event));
  }
}

/** Returns the events of a kind that the client knows: here, all of them must be. */
function known(events: readonly LogEntry[]): RoomEvent[] {
  return events.filter((event) => event.type !== "opaque");
}

function withoutMemberName(event: RoomEvent): RoomEvent {
  if (!("memberName" in event)) return event;
  const { memberName: _, ...rest } = event;
  return rest;
}

/** Returns an error as `errorText` does. */
function textOf({ code, cause, until, reason }: Extract<ServerLine, { type: "error" }>): string {
  return [code, cause, until, reason].filter((part) => part !== undefined).join(" ");
}
