/** ModelDevice: one device in a model run. It checks each line that it receives against the model. */
import assert from "node:assert/strict";
import {
  isChange,
  type LogEntry,
  type Message,
  plainLine,
  type RoomEvent,
  type ServerLine,
} from "../../src/protocol/index.ts";
import { changed, type ModelLog, type ModelResult, normalized, withoutId } from "./model-log.ts";
import { parseFrame, type TestPeer } from "./test-room.ts";

/** ExpectedWelcome is what the model determines of a welcome. */
export interface ExpectedWelcome {
  readonly seq: number;
  readonly resumed: boolean;
  readonly events: RoomEvent[];
  readonly more: boolean;
}

/** Expected is the result of one command: one of `allowed`. */
interface Expected {
  readonly allowed: readonly (ModelResult | "renamed")[];
  /** The command made a new event. */
  readonly isNew: boolean;
}

/** ModelDevice has one connection and the messages that it shows. */
export class ModelDevice {
  readonly peer: TestPeer;
  readonly isPlain: boolean;
  readonly user: string;
  /** Name that the device joined with; `""` in plain mode. */
  readonly owner: string;
  name: string;
  /** Seq of the last event that it received. */
  lastSeq = 0;
  shown = new Map<number, Message>();
  #epoch = "";
  #welcome: ExpectedWelcome | null = null;
  /** Expected answers to history commands, by command id. */
  readonly #histories = new Map<string, { events: Message[]; more: boolean }>();
  /** Expected results, by command id. */
  readonly #results = new Map<string, Expected[]>();

  constructor(peer: TestPeer, owner: string) {
    this.peer = peer;
    this.isPlain = peer.session?.mode === "plain";
    this.user = peer.session?.user ?? "";
    this.name = peer.session?.name ?? "";
    this.owner = owner;
  }

  /** Epoch of its welcome; `""` before that. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Whether its welcome has not arrived yet. */
  get isJoining(): boolean {
    return this.#welcome !== null;
  }

  expectWelcome(welcome: ExpectedWelcome): void {
    this.#welcome = welcome;
    this.lastSeq = welcome.seq;
  }

  expectHistory(id: string, events: Message[], more: boolean): void {
    this.#histories.set(id, { events, more });
  }

  expectResult(id: string, allowed: Expected["allowed"], isNew: boolean): void {
    this.#results.set(id, [...(this.#results.get(id) ?? []), { allowed, isNew }]);
  }

  /** Checks the lines since the last call, in `chat.v1`. The room has flushed everything. */
  checkLines(log: ModelLog): void {
    for (const frame of this.peer.take()) {
      for (const line of parseFrame(frame)) this.#checkLine(line, log);
    }
    assert.equal(this.#welcome, null, "a hello has a welcome");
    assert.equal(this.lastSeq, log.head, "a joined connection has every event");
    assert.equal(this.#histories.size, 0, "a history command has an answer");
    assert.deepEqual([...this.#results.values()].flat(), [], "a command has a result");
    for (const message of this.shown.values()) {
      const expected = log.messages.get(message.seq) ?? message;
      assert.deepEqual(normalized(withoutId(message)), normalized(withoutId(expected)), "a shown message");
    }
  }

  /**
   * Checks the lines since the last call, in plain mode.
   *
   * @param events - events of the flush
   * @param rejected - texts of this device that the flush rejected
   * @param plainUsers - users whose texts are shown without a name
   */
  checkTexts(events: readonly RoomEvent[], rejected: number, plainUsers: ReadonlySet<string>): void {
    const notices = Array(rejected).fill("* not sent: the message could not be stored");
    const texts = events.flatMap((event) => {
      if (event.type !== "message") return [];
      return [plainUsers.has(event.user) ? event.text : plainLine(`${event.name}: ${event.text}`)];
    });
    assert.deepEqual(
      this.peer.take().flatMap((frame) => frame.split("\n")),
      [...notices, ...texts],
    );
  }

  #checkLine(line: ServerLine, log: ModelLog): void {
    switch (line.type) {
      case "welcome": {
        assert(this.#welcome !== null, "an unexpected welcome");
        const { seq, resumed, more } = line;
        const events = known(line.events);
        assert.deepEqual({ seq, resumed, more, events: events.map(normalized) }, this.#welcome);
        this.#welcome = null;
        this.#epoch = line.epoch;
        for (const event of events) this.#show(event);
        return;
      }
      case "ok":
      case "error": {
        const [expected, ...later] = this.#results.get(line.id ?? "") ?? [];
        assert(expected !== undefined, `an unexpected result: ${JSON.stringify(line)}`);
        this.#results.set(line.id ?? "", later);
        const actual = line.type === "error" ? line.code : (line.seq ?? "renamed");
        assert(expected.allowed.includes(actual), `${JSON.stringify(line)} instead of ${expected.allowed}`);
        if (line.type === "ok" && expected.isNew)
          assert(this.lastSeq < (line.seq ?? 0), "ok precedes its event");
        return;
      }
      case "history": {
        const expected = this.#histories.get(line.id);
        assert(expected !== undefined, "an unexpected history");
        this.#histories.delete(line.id);
        const events = expected.events.map((event) => normalized(withoutId(event)));
        assert.deepEqual([known(line.events).map(normalized), line.more], [events, expected.more]);
        return;
      }
      case "message":
      case "edit":
      case "delete":
      case "react":
        assert.equal(this.#welcome, null, "the welcome precedes every event");
        assert.equal(line.seq, this.lastSeq + 1, "seqs have no gap and no repetition");
        assert.deepEqual(line, withoutId(log.event(line.seq)));
        this.lastSeq = line.seq;
        this.#show(line);
        return;
      case "presence":
      case "typing":
      case "pong":
        return;
    }
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
