// One run of the real room beside the model: each step is done to both, and all that anyone hears is checked.
import assert from "node:assert/strict";
import {
  type ClientLine,
  type Command,
  type Message,
  plainLine,
  type RoomEvent,
  type ServerLine,
} from "../../src/protocol/index.ts";
import {
  changed,
  type ModelAnswer,
  type ModelCommand,
  type ModelContent,
  ModelLog,
  normal,
  withoutId,
} from "./model-log.ts";
import { keyOf, parseFrame, type TestPeer, TestRoom } from "./test-room.ts";

/** Where a join resumes: nowhere, where the slot's last connection ended, at a part of the log, or elsewhere. */
export type ResumePoint = "none" | "last" | "another log" | "beyond" | number;

type Answer = { readonly allowed: readonly (ModelAnswer | "renamed")[]; readonly isNew: boolean };

/** Slot is one device: a connection after another, and what it has on its screen. */
interface Slot {
  peer: TestPeer;
  plain: boolean;
  name: string;
  user: string;
  person: string;
  lastSeq: number;
  screen: Map<number, Message>;
  welcome: ((line: Extract<ServerLine, { type: "welcome" }>) => void) | undefined;
  histories: Map<string, { events: Message[]; more: boolean }>;
  answers: Map<string, Answer[]>;
  plainLines: string[];
}

interface Queued {
  readonly slot: Slot;
  readonly id: string | undefined;
  readonly content: ModelContent;
}

export class ModelRun {
  readonly room: TestRoom;
  readonly log = new ModelLog();
  readonly #limit: number;
  readonly #slots = new Map<number, Slot>();
  readonly #users = new Map<string, string>();
  readonly #sent: { readonly user: string; readonly id: string; readonly content: ModelContent }[] = [];
  #queue: Queued[] = [];
  /** Rows that were in the log at some time of the last flush: seq, user and id. */
  readonly #made = new Set<string>();
  #epoch = "";
  #historyIds = 0;

  constructor(historyLimit: number) {
    this.#limit = historyLimit;
    this.room = new TestRoom({ historyLimit });
  }

  /** What a device last heard of stays on its screen while it is away. */
  readonly #away = new Map<number, { person: string; lastSeq: number; screen: Map<number, Message> }>();

  slot(index: number): Slot | undefined {
    return this.#slots.get(index);
  }

  /** The `n`th message that there was, counted round; every fifth time, whatever seq that is. */
  target(n: number): number {
    const seqs = [...this.log.messages.keys()];
    return n % 5 === 0 || seqs.length === 0 ? n + 1 : (seqs[n % seqs.length] ?? 1);
  }

  join(index: number, person: string, point: ResumePoint, history: number): void {
    this.leave(index);
    const before = this.#away.get(index);
    const last = before?.person === person ? before : undefined;
    const seq =
      point === "none" || (point === "last" && last === undefined)
        ? undefined
        : point === "last"
          ? last?.lastSeq
          : point === "beyond"
            ? this.log.head + 1
            : point === "another log"
              ? this.log.head
              : Math.round((point / 100) * this.log.head);
    const epoch = point === "another log" ? "another" : this.#epoch;
    const hello: Command<"hello"> = {
      type: "hello",
      name: person,
      key: keyOf(person),
      history,
      ...(seq !== undefined && { resume: { epoch, seq } }),
    };
    const peer = this.room.open();
    this.room.say(peer, hello);
    const { user = "" } = peer.session ?? {};
    assert.equal(this.#users.get(person) ?? user, user, "one key is one user");
    this.#users.set(person, user);
    const granted = seq !== undefined && this.#epoch !== "" && epoch === this.#epoch && this.log.grants(seq);
    const kept = this.log.kept();
    const events = granted ? this.log.after(seq) : history === 0 ? [] : kept.slice(-history);
    const oldest = granted ? seq + 1 : (events[0]?.seq ?? this.log.head + 1);
    const expected = {
      seq: this.log.head,
      resumed: granted,
      events: events.map((event) => normal(event.user === user ? event : withoutId(event))),
      more: kept.some((message) => message.seq < oldest),
    };
    const slot: Slot = {
      ...{ peer, user, person, plain: false, name: person, lastSeq: this.log.head },
      screen: granted && point === "last" && last !== undefined ? last.screen : new Map(),
      welcome: (line) => {
        if (this.#epoch === "") this.#epoch = line.epoch;
        assert.equal(line.epoch, this.#epoch);
        const { seq: head, resumed, more } = line;
        assert.deepEqual({ seq: head, resumed, events: line.events.map(normal), more }, expected);
        for (const event of line.events) show(slot.screen, event);
      },
      histories: new Map(),
      answers: new Map(),
      plainLines: [],
    };
    this.#slots.set(index, slot);
    this.#nameAll(user, person);
  }

  joinPlain(index: number): void {
    this.leave(index);
    const peer = this.room.open("plain");
    const { user = "", name = "" } = peer.session ?? {};
    this.#slots.set(index, {
      ...{ peer, user, name, person: "", plain: true, lastSeq: 0, screen: new Map() },
      ...{ welcome: undefined, histories: new Map(), answers: new Map(), plainLines: [] },
    });
  }

  leave(index: number): void {
    const slot = this.#slots.get(index);
    if (slot === undefined) return;
    this.#slots.delete(index);
    this.#away.set(index, slot);
    this.room.close(slot.peer);
    // A welcome that never left is none.
    if (slot.welcome !== undefined) this.#away.delete(index);
  }

  command(index: number, id: string, content: ModelContent): void {
    const slot = this.#slots.get(index);
    if (slot === undefined) return;
    if (slot.plain) {
      if (content.type !== "send") return;
      this.room.sayRaw(slot.peer, content.text);
      this.#queue.push({ slot, id: undefined, content: { type: "send", text: plainLine(content.text) } });
      return;
    }
    this.room.say(slot.peer, { ...content, id });
    this.#sent.push({ user: slot.user, id, content });
    this.#queue.push({ slot, id, content });
  }

  /** Sends one of the device's earlier commands again, as it was. */
  again(index: number, n: number): void {
    const slot = this.#slots.get(index);
    const sent = slot === undefined ? [] : this.#sent.filter(({ user }) => user === slot.user);
    const command = sent[n % Math.max(1, sent.length)];
    if (command !== undefined) this.command(index, command.id, command.content);
  }

  rename(index: number, id: string, name: string): void {
    const slot = this.#slots.get(index);
    if (slot === undefined || slot.plain) return;
    this.room.say(slot.peer, { type: "rename", id, name });
    this.#nameAll(slot.user, name);
    answer(slot, id, { allowed: ["renamed"], isNew: false });
  }

  /** One person has one name, on all devices. */
  #nameAll(user: string, name: string): void {
    for (const slot of this.#slots.values()) if (slot.user === user) slot.name = name;
  }

  history(index: number, before: number, limit: number): void {
    const slot = this.#slots.get(index);
    if (slot === undefined || slot.plain) return;
    this.#historyIds += 1;
    const id = `h${this.#historyIds}`;
    const line: ClientLine = { type: "history", id, before, limit };
    this.room.say(slot.peer, line);
    const older = this.log.kept().filter(({ seq }) => seq < before);
    slot.histories.set(id, { events: older.slice(-limit), more: older.length > limit });
  }

  /** Lets the room flush; where `failAt` is given, the store fails at that statement of the flush, or at its commit. */
  flush(failAt?: number): void {
    let statements = 0;
    let failed = false;
    this.#made.clear();
    this.room.store.fault = (query) => {
      statements += 1;
      // What is pruned in the flush in which it was made was made nevertheless.
      if (query === "COMMIT" || query.startsWith("DELETE")) this.#noteRows();
      if (failAt === undefined || failed || (statements < failAt && query !== "COMMIT")) return;
      failed = true;
      throw new Error("the disk is full");
    };
    this.room.step();
    this.room.store.fault = undefined;
    const queue = this.#queue;
    this.#queue = [];
    const head = this.log.head;
    for (const queued of queue) this.#settle(queued, failed);
    this.#learnPruning();
    for (const slot of this.#slots.values()) {
      if (slot.plain) this.#checkPlain(slot, head, queue, failed);
      else this.#checkLines(slot);
    }
  }

  /** The room is evicted once it has been quiet, and its sockets outlast that. */
  hibernate(): void {
    this.flush();
    this.room.now += 10_000;
    this.flush();
    this.room.hibernate();
    this.log.wake();
    if (![...this.#slots.values()].some(({ plain }) => !plain)) this.#forgetEmptyRoom();
  }

  /** A room without events stores nothing: without a socket that keeps its secrets, it has other user ids next time. */
  #forgetEmptyRoom(): void {
    if (this.log.head > 0) return;
    this.#users.clear();
    this.#epoch = "";
  }

  /** The process dies: what was not committed is gone, and so are all sockets. */
  crash(): void {
    this.#queue = [];
    this.room.crash();
    this.#forgetEmptyRoom();
    for (const index of [...this.#slots.keys()]) this.leave(index);
    this.log.wake();
  }

  /** The log read from end to end is the model's. */
  checkLog(): void {
    this.flush();
    const { messages, events } = this.log.pruned;
    const from = Math.max(messages, events);
    const page = this.room.log.after(from, 100_000);
    assert.deepEqual(
      page.events.map((event) => normal(withoutId(event))),
      this.log.after(from).map((event) => normal(withoutId(event))),
    );
    const standing = this.room.log.before(this.log.head + 1, 100_000);
    assert.deepEqual(
      standing.events.map((event) => normal(withoutId(event))),
      this.log.kept().map((event) => normal(withoutId(event))),
    );
  }

  #settle({ slot, id, content }: Queued, failed: boolean): void {
    const { user, name } = slot;
    const command: ModelCommand = { user, name, id, content };
    const seq = this.log.head + 1;
    const wasMade = () => this.#made.has(`${seq} ${user} ${id}`);
    const allowed = failed ? (["internal"] as const) : this.log.carryOut(command, this.room.now, wasMade);
    if (id !== undefined) answer(slot, id, { allowed, isNew: this.log.head === seq });
  }

  #noteRows(): void {
    for (const table of ["messages", "events"] as const) {
      for (const row of this.room.store.table(table)) this.#made.add(`${row.seq} ${row.user} ${row.id}`);
    }
  }

  /** The room chooses when to prune within its bounds; the model follows. */
  #learnPruning(): void {
    const slack = Math.max(1, Math.floor(this.#limit / 10));
    for (const table of ["messages", "events"] as const) {
      const seqs = this.#stored(table);
      const all = this.log.events.filter((event) => (event.type === "message") === (table === "messages"));
      const oldest = seqs[0] ?? 0;
      const kept = all.filter(({ seq }) => seq >= oldest);
      assert.deepEqual(seqs, all.length === 0 ? [] : kept.map(({ seq }) => seq), "what is kept is dense");
      assert(kept.length >= Math.min(all.length, this.#limit), "nothing goes too soon");
      assert(kept.length < this.#limit + slack, "what is beyond the limit goes");
      this.log.pruned[table] = all[all.length - kept.length - 1]?.seq ?? 0;
    }
  }

  #stored(table: "messages" | "events"): number[] {
    return this.room.store
      .table(table)
      .map(({ seq }) => Number(seq))
      .sort((a, b) => a - b);
  }

  #checkPlain(slot: Slot, head: number, queue: readonly Queued[], failed: boolean): void {
    const bare = new Set(queue.filter((queued) => queued.slot.plain).map((queued) => queued.slot.user));
    // Who has no ids to be answered by is told in words what was lost.
    const lost = failed ? queue.filter((queued) => queued.slot === slot) : [];
    const said = this.log.events.slice(head).flatMap((event) => {
      if (event.type !== "message") return [];
      return [bare.has(event.user) ? event.text : plainLine(`${event.name}: ${event.text}`)];
    });
    assert.deepEqual(
      slot.peer.take().flatMap((frame) => frame.split("\n")),
      [...lost.map(() => "* not sent: the message could not be stored"), ...said],
    );
  }

  #checkLines(slot: Slot): void {
    for (const frame of slot.peer.take()) {
      for (const line of parseFrame(frame)) this.#checkLine(slot, line);
    }
    assert.equal(slot.welcome, undefined, "who said hello was welcomed");
    assert.equal(slot.lastSeq, this.log.head, "who is there has heard everything");
    assert.equal(slot.histories.size, 0, "every question was answered");
    assert.deepEqual([...slot.answers.values()].flat(), [], "every command was answered");
    for (const message of slot.screen.values()) {
      const { id: _, ...stands } = this.log.messages.get(message.seq) ?? message;
      assert.deepEqual(normal(withoutId(message)), normal(stands), "the screen shows what stands");
    }
  }

  #checkLine(slot: Slot, line: ServerLine): void {
    switch (line.type) {
      case "welcome":
        assert(slot.welcome !== undefined, "a welcome that nobody asked for");
        slot.welcome(line);
        slot.welcome = undefined;
        return;
      case "ok":
      case "error": {
        const [expected, ...later] = slot.answers.get(line.id ?? "") ?? [];
        assert(expected !== undefined, `an answer that nobody waits for: ${JSON.stringify(line)}`);
        if (later.length === 0) slot.answers.delete(line.id ?? "");
        else slot.answers.set(line.id ?? "", later);
        const said = line.type === "error" ? line.code : (line.seq ?? "renamed");
        assert(
          expected.allowed.includes(said),
          `${JSON.stringify(line)} where ${expected.allowed} was right`,
        );
        if (line.type === "ok" && expected.isNew)
          assert(slot.lastSeq < (line.seq ?? 0), "ok before the event");
        return;
      }
      case "history": {
        const expected = slot.histories.get(line.id);
        assert(expected !== undefined);
        slot.histories.delete(line.id);
        const events = expected.events.map((event) => normal(withoutId(event)));
        assert.deepEqual(
          { events: line.events.map(normal), more: line.more },
          { events, more: expected.more },
        );
        return;
      }
      case "message":
      case "edit":
      case "delete":
      case "react":
        assert.equal(slot.welcome, undefined, "nothing comes before the welcome");
        assert.equal(line.seq, slot.lastSeq + 1, "no gap, nothing twice");
        assert.deepEqual(line, withoutId(this.#said(line.seq)));
        slot.lastSeq = line.seq;
        show(slot.screen, line);
        return;
      case "presence":
      case "typing":
      case "pong":
        return;
    }
  }

  #said(seq: number): RoomEvent {
    const event = this.log.events[seq - 1];
    assert(event !== undefined, "an event that nobody made");
    return event;
  }
}

function answer(slot: Slot, id: string, expected: Answer): void {
  slot.answers.set(id, [...(slot.answers.get(id) ?? []), expected]);
}

/** Puts an event on a screen, as a client does that knows the protocol. */
function show(screen: Map<number, Message>, event: RoomEvent): void {
  if (event.type === "message") {
    screen.set(event.seq, event);
    return;
  }
  const message = screen.get(event.target);
  if (message !== undefined) screen.set(event.target, changed(message, event));
}
