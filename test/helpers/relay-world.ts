/**
 * Relay world: a room with relays and clients, without a runtime. Calls between the objects wait in a queue, from which
 * the test takes them in any order, loses them or repeats them. Every client checks what it receives.
 */
import assert from "node:assert/strict";
import { CloseCode, type LogEntry, type ServerLine, SUBPROTOCOL } from "../../src/protocol/index.ts";
import { Relay } from "../../src/relay/relay.ts";
import type { RoomConfig } from "../../src/room/config.ts";
import type { Connection, Peer } from "../../src/room/connection.ts";
import type { Delivery, Position, RelayCalls, RelaySink, RoomCalls } from "../../src/room/feed.ts";
import type { Hosted } from "../../src/room/hosted.ts";
import type { RoomSecrets } from "../../src/room/identity.ts";
import { Room } from "../../src/room/room.ts";
import type { Session } from "../../src/room/session.ts";
import { NodeStore } from "./node-store.ts";
import { keyOf, parseFrame, UNLIMITED } from "./test-room.ts";

/** The room moves no connections by itself. */
const CONFIG: RoomConfig = { ...UNLIMITED, relayAfter: 0 };

/** Leg is one half of a call: on its way there, or its answer. */
interface Leg {
  readonly from: string;
  readonly to: string;
  readonly isDelivery: boolean;
  run(): void;
  /** The other side is gone. */
  fail(): void;
}

/** Place is an object: the room, `"room"`, or a relay, by its name. */
interface Place {
  readonly hosted: Hosted;
  readonly clients: Set<Client>;
}

export class RelayWorld {
  now = 1_700_000_000_000;
  readonly store = new NodeStore();
  readonly clients: Client[] = [];
  /** Legs in the order in which they began. */
  legs: Leg[] = [];
  #places = new Map<string, Place>();
  #saved: readonly string[] = [];
  /** The secrets that the room has saved beside its relays. */
  #secrets: RoomSecrets | null = null;
  #positions = new Map<string, Position | null>();
  #drops = new Map<string, { readonly from: string; readonly drop: () => void }[]>();
  #sessions = 0;
  #room: Room;
  readonly #config: RoomConfig;
  /** Names of the relays. */
  readonly relays: readonly string[];
  /** What clients found wrong. */
  readonly failures: unknown[] = [];

  constructor(relays: readonly string[], config: Partial<RoomConfig> = {}) {
    this.relays = relays;
    this.#config = { ...CONFIG, ...config };
    this.#room = this.#openRoom();
    for (const name of relays) this.#openRelay(name, new Set());
  }

  get room(): Room {
    return this.#room;
  }

  relay(name: string): Relay {
    const { hosted } = this.#place(name);
    assert(hosted instanceof Relay);
    return hosted;
  }

  /** Runs what is due in every object, until nothing is. */
  async settle(): Promise<void> {
    if (this.failures.length > 0) throw this.failures[0];
    for (let i = 0; i < 20; i += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      let isBusy = false;
      for (const name of [...this.#places.keys()]) isBusy = this.#runDue(name) || isBusy;
      if (!isBusy) return;
    }
  }

  /** Runs the leg at this index. */
  async take(index: number): Promise<void> {
    const [leg] = this.legs.splice(index, 1);
    leg?.run();
    await this.settle();
  }

  /** Loses the leg at this index: nobody learns of it. Only deliveries are lost without an error. */
  async lose(index: number): Promise<void> {
    const leg = this.legs[index];
    if (leg?.isDelivery !== true) return this.take(index);
    this.legs.splice(index, 1);
    await this.settle();
  }

  /** Runs the leg at this index, and leaves it in the queue. */
  async repeat(index: number): Promise<void> {
    const leg = this.legs[index];
    if (leg?.isDelivery !== true) return this.take(index);
    leg.run();
    await this.settle();
  }

  async wait(ms: number): Promise<void> {
    this.now += ms;
    await this.settle();
  }

  /** Lets all calls arrive. */
  async arrive(): Promise<void> {
    while (this.legs.length > 0) await this.take(0);
  }

  /** Names of the relays that the room would call after a restart. */
  get saved(): readonly string[] {
    return this.#saved;
  }

  /** Ends an object: its memory and its sockets are lost, and calls to it and from it fail. */
  async crash(name: string): Promise<void> {
    const { clients } = this.#place(name);
    for (const client of clients) client.lost();
    if (name === "room") this.#room = this.#openRoom();
    else this.#openRelay(name, new Set());
    this.#failCalls(name);
    await this.settle();
  }

  /** Evicts a relay that has no session: its memory is lost, its sockets stay. */
  async hibernate(name: string): Promise<void> {
    const relay = this.relay(name);
    if (!relay.mayHibernate || this.legs.some(({ from, to }) => from === name || to === name)) return;
    const { clients } = this.#place(name);
    this.#openRelay(name, clients);
    for (const client of clients) client.restore(this.#place(name).hosted);
    await this.settle();
  }

  /** Evicts a relay that may have a session, while no call is under way: its memory is lost, its sockets stay. */
  async evict(name: string): Promise<void> {
    if (this.legs.some(({ from, to }) => from === name || to === name)) return;
    const { clients } = this.#place(name);
    this.#openRelay(name, clients);
    for (const client of clients) client.restore(this.#place(name).hosted);
    this.#failCalls(name);
    await this.settle();
  }

  /** Connects a client to an object, which must know the room by then. */
  async connect(client: Client, name: string): Promise<void> {
    const { hosted, clients } = this.#place(name);
    if (hosted instanceof Relay && !hosted.isReady) {
      void hosted.attach().catch(() => {});
      await this.settle();
      return;
    }
    if (client.isConnected) return;
    clients.add(client);
    client.open(hosted, () => clients.delete(client));
    await this.settle();
  }

  /** Lets everything arrive, connects every client, and lets everything be told. */
  async heal(): Promise<void> {
    for (let round = 0; round < 400; round += 1) {
      await this.arrive();
      for (const [i, client] of this.clients.entries())
        if (!client.isConnected)
          await this.connect(client, ["room", ...this.relays][i % (this.relays.length + 1)] ?? "room");
      for (const client of this.clients) client.resend();
      await this.settle();
      const isDone = this.clients.every(
        (client) => client.isConnected && client.seq === this.#room.log.head && client.unanswered.size === 0,
      );
      if (isDone && this.legs.length === 0) return;
      await this.wait(500);
    }
    const states = this.clients.map(
      ({ name, isConnected, seq, unanswered }) => `${name} ${isConnected} ${seq} ${[...unanswered.keys()]}`,
    );
    throw new Error(`the head is ${this.#room.log.head}, and the clients: ${states.join("; ")}`);
  }

  #place(name: string): Place {
    const place = this.#places.get(name);
    assert(place !== undefined, `there is no ${name}`);
    return place;
  }

  /** Does what is due in an object. Returns whether there was something. */
  #runDue(name: string): boolean {
    const { hosted } = this.#place(name);
    if ((hosted.dueAt ?? this.now + 1) > this.now) return false;
    this.#run(name);
    return true;
  }

  #run(name: string): void {
    const { hosted } = this.#place(name);
    hosted.step(this.now);
    hosted.pacing.drained();
  }

  /** Calls `work` in another object. Both the call and its answer wait in the queue. */
  #call<T>(from: string, to: string, work: () => T | Promise<T>, isDelivery = false): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error("the other side is gone"));
      const answer = (give: () => void) => {
        this.legs.push({ from: to, to: from, isDelivery, run: give, fail });
      };
      const run = () => {
        void Promise.resolve()
          .then(work)
          .then(
            (value) => answer(() => resolve(value)),
            (error) => answer(() => reject(error)),
          );
      };
      this.legs.push({ from, to, isDelivery, run, fail });
    });
  }

  #failCalls(name: string): void {
    const failed = this.legs.filter(({ from, to }) => from === name || to === name);
    this.legs = this.legs.filter(({ from, to }) => from !== name && to !== name);
    for (const leg of failed) leg.fail();
    // Who held a sink is gone: the object that made it learns of that.
    for (const [owner, drops] of this.#drops) {
      for (const { from, drop } of drops) if (from === name && owner !== name) this.#pushDrop(owner, drop);
      this.#drops.set(owner, name === owner ? [] : drops.filter(({ from }) => from !== name));
    }
  }

  #openRoom(): Room {
    const room = new Room({
      ...{ name: "big", store: this.store, config: this.#config, report: () => {}, files: null },
      onFilesSent: () => {},
      relays: {
        calls: (name) => this.#relayCalls(name),
        saved: this.#saved,
        save: (names, secrets) => {
          this.#saved = names;
          this.#secrets = secrets;
        },
        onChange: () => {},
      },
    });
    if (this.#secrets !== null) room.log.adoptSecrets(this.#secrets);
    this.#places.set("room", { hosted: room, clients: new Set() });
    return room;
  }

  #openRelay(name: string, clients: Set<Client>): void {
    const relay = new Relay({
      ...{ name, room: "big", config: this.#config, report: () => {}, files: null },
      calls: this.#roomCalls(name),
      exported: (sink, onDrop) => this.#export(name, sink, onDrop),
      saved: this.#positions.get(name) ?? null,
      save: (position) => this.#positions.set(name, position),
      onChange: () => {},
      now: () => this.now,
    });
    this.#places.set(name, { hosted: relay, clients });
  }

  #relayCalls(name: string): RelayCalls {
    const relay = () => this.relay(name);
    return {
      wake: (ended) => this.#call("room", name, () => relay().wake(ended)),
      users: () => this.#call("room", name, () => relay().audience.users),
      about: (user) => this.#call("room", name, () => relay().audience.about(user)),
    };
  }

  #roomCalls(name: string): RoomCalls {
    return {
      attach: (request, sink) =>
        this.#call(name, "room", () => {
          const { relays } = this.#room;
          assert(relays !== null);
          this.#sessions += 1;
          return structuredClone(relays.attach(request, sink, `session-${this.#sessions}`, this.now));
        }),
      submit: (relay, session, commands) =>
        this.#call(name, "room", () => {
          const submissions =
            this.#room.relays?.submissions(relay, session, structuredClone(commands)) ?? null;
          for (const submission of submissions ?? []) this.#room.submit(submission);
          return submissions !== null;
        }),
      report: (relay, here) =>
        this.#call(name, "room", () => this.#room.relays?.report(relay, structuredClone(here), this.now)),
      head: () => this.#call(name, "room", () => ({ epoch: this.#room.log.epoch, seq: this.#room.log.head })),
      history: (seq, limit) => this.#call(name, "room", () => this.#room.history(seq, limit)),
      search: () => Promise.reject(new Error("not part of this test")),
    };
  }

  /** The relay learns that the room has dropped a sink, unless that is lost. */
  #pushDrop(owner: string, drop: () => void): void {
    this.legs.push({ from: "room", to: owner, isDelivery: true, run: drop, fail: () => {} });
  }

  /** Makes a sink that the room calls through the queue. The relay learns when it is dropped. */
  #export(owner: string, sink: RelaySink, onDrop: () => void): RelaySink {
    const drops = this.#drops.get(owner) ?? [];
    this.#drops.set(owner, [...drops, { from: "room", drop: onDrop }]);
    return {
      deliver: (delivery) =>
        this.#call("room", owner, () => sink.deliver(structuredClone<Delivery>(delivery)), true),
      [Symbol.dispose]: () => {
        this.#pushDrop(owner, onDrop);
      },
    };
  }
}

/** Client is a person with one connection, who reconnects and resumes. It asserts what the protocol promises. */
export class Client implements Peer {
  /** Everything that it was sent of the log, by seq. */
  readonly received = new Map<number, string>();
  /** Texts by the id of the command, until it is answered. */
  readonly unanswered = new Map<string, string>();
  /** Seqs by the id of the command. */
  readonly acknowledged = new Map<string, number>();
  seq = 0;
  epoch: string | undefined;
  #hosted: Hosted | null = null;
  #connection: Connection | null = null;
  #session: Session | null = null;
  #onClose: () => void = () => {};
  #hasWelcome = false;
  /** Ids of the commands that were sent over this connection, and of the unanswered ones of earlier connections. */
  #sentNow = new Set<string>();
  #sentBefore = new Set<string>();
  #ids = 0;

  readonly world: RelayWorld;
  readonly name: string;

  constructor(world: RelayWorld, name: string) {
    this.world = world;
    this.name = name;
    world.clients.push(this);
  }

  get isConnected(): boolean {
    return this.#connection !== null;
  }

  open(hosted: Hosted, onClose: () => void): void {
    this.#hosted = hosted;
    this.#onClose = onClose;
    this.#hasWelcome = false;
    this.#sentBefore = new Set(
      [...this.#sentBefore, ...this.#sentNow].filter((id) => this.unanswered.has(id)),
    );
    this.#sentNow = new Set();
    this.#connection = hosted.audience.open(this, SUBPROTOCOL, null, this.world.now);
    const resume = this.epoch === undefined ? {} : { resume: { epoch: this.epoch, seq: this.seq } };
    this.#receive({ type: "hello", name: this.name, key: keyOf(this.name), history: 100, ...resume });
  }

  restore(hosted: Hosted): void {
    assert(this.#session !== null);
    this.#hosted = hosted;
    this.#connection = hosted.audience.restore(this, this.#session);
  }

  /** The socket is lost, on both sides. */
  lost(): void {
    this.#connection = null;
  }

  /** The client closes its socket. */
  leave(): void {
    if (this.#connection !== null) this.#hosted?.audience.close(this.#connection, this.world.now);
    this.#connection = null;
    this.#onClose();
  }

  say(text: string): void {
    this.#ids += 1;
    const id = `${this.name}-${this.#ids}`;
    this.unanswered.set(id, text);
    this.resend();
  }

  /** Sends what is not answered and was not sent over this connection. */
  resend(): void {
    if (!this.#hasWelcome || this.#connection === null) return;
    for (const [id, text] of this.unanswered) {
      if (this.#sentNow.has(id)) continue;
      this.#sentNow.add(id);
      this.#receive({ type: "send", id, text });
    }
  }

  send(frame: string): void {
    try {
      for (const line of parseFrame(frame)) this.#take(line);
    } catch (error) {
      // The room would take it for a fault of the socket.
      this.world.failures.push(error);
    }
  }

  close(code: number): void {
    // A hello that was lost with the memory of its object counts as none.
    if (code !== CloseCode.Moved && code !== CloseCode.NewEpoch && code !== CloseCode.NoHello)
      this.world.failures.push(new Error(`${this.name} was closed with ${code}`));
    this.#connection = null;
    this.#onClose();
  }

  saveSession(session: Session): void {
    this.#session = structuredClone(session);
  }

  pingedAt(): number | null {
    return null;
  }

  bufferedAmount(): number {
    return 0;
  }

  #receive(command: object): void {
    if (this.#connection !== null)
      this.#hosted?.receive(this.#connection, JSON.stringify(command), this.world.now);
  }

  #take(line: ServerLine): void {
    if (line.type === "welcome") {
      // A room without events stores no epoch.
      if (this.seq === 0 && line.epoch !== this.epoch) this.epoch = undefined;
      assert(this.epoch === undefined || line.epoch === this.epoch, "the log is the same");
      assert(line.seq >= this.seq, `a welcome at ${line.seq} after ${this.seq}`);
      assert(this.epoch === undefined || line.resumed || line.seq === this.seq, "the resume is accepted");
      this.epoch = line.epoch;
      for (const event of line.events) {
        this.#note(event);
        if ("id" in event && event.id !== undefined) this.#answered(event.id, event.seq);
      }
      if (!line.resumed) this.seq = line.seq;
      assert.equal(this.seq, line.seq);
      this.#hasWelcome = true;
      this.resend();
    } else if (line.type === "ok") {
      assert(line.seq !== undefined);
      this.#answered(line.id, line.seq);
    } else if (line.type === "error") {
      assert.fail(`an error: ${line.message}`);
    } else if ("seq" in line && line.seq !== undefined) {
      assert(this.#hasWelcome, "the welcome comes first");
      assert.equal(line.seq, this.seq + 1, `${this.name} gets each event once, in order`);
      const isOwn = line.type === "message" && line.name === this.name;
      assert(
        !isOwn || this.received.has(line.seq) || this.#isAnswered(line.seq),
        "ok precedes the own event",
      );
      this.#note(line);
    }
  }

  #note(event: LogEntry): void {
    this.seq = Math.max(this.seq, event.seq);
    if (event.type === "message") this.received.set(event.seq, `${event.name}: ${event.text}`);
  }

  #isAnswered(seq: number): boolean {
    return [...this.acknowledged.values()].includes(seq);
  }

  #answered(id: string, seq: number): void {
    const first = this.acknowledged.get(id);
    assert(first === undefined || first === seq, "one id has one seq");
    this.acknowledged.set(id, seq);
    this.#sentBefore.delete(id);
    this.unanswered.delete(id);
  }
}
