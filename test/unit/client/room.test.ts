// The client against the real room, with its log in SQLite: evictions, crashes, pruning, notices and wipes.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Gap, TimelineItem } from "../../../src/client/index.ts";
import type { ClientLine, Message, RoomState, TimelineEvent } from "../../../src/protocol/index.ts";
import { FakeWorld, type WorldPeer, type WorldRoom } from "../../helpers/fake-world.ts";
import { OWNER_SECRET, type TestPeer, TestRoom } from "../../helpers/test-room.ts";

/** RealRoom is the room behind the network. Its owner is in it too. */
class RealRoom implements WorldRoom {
  readonly #room: TestRoom;
  readonly #now: () => number;
  #peers = new Map<WorldPeer, TestPeer>();
  #other: TestPeer;

  constructor(now: () => number, historyLimit: number) {
    this.#now = now;
    this.#room = new TestRoom({ historyLimit });
    this.#room.now = now();
    this.#other = this.#joinOwner();
  }

  get state(): RoomState {
    return this.#room.rules.state;
  }

  get head(): number {
    return this.#room.log.head;
  }

  /** The messages and notices that the room keeps, in their current form. */
  get items(): readonly TimelineEvent[] {
    return this.#room.log.before(this.head + 1, 10_000).events;
  }

  /** The messages that the room keeps, in their current form. */
  get messages(): readonly Message[] {
    return this.items.filter((event) => event.type === "message");
  }

  receive(peer: WorldPeer, frame: string): void {
    const known = this.#peers.get(peer) ?? this.#room.open();
    this.#peers.set(peer, known);
    this.#do(() => this.#room.receiveFrame(known, frame));
  }

  leave(peer: WorldPeer): void {
    const known = this.#peers.get(peer);
    if (known !== undefined) this.#room.close(known);
    this.#peers.delete(peer);
  }

  act(command: ClientLine): void {
    this.#do(() => this.#room.receive(this.#other, command));
  }

  evict(): void {
    this.#room.hibernate();
  }

  crash(): void {
    this.#room.crash();
    this.#peers = new Map();
    this.#other = this.#joinOwner();
  }

  #do(work: () => void): void {
    this.#room.now = this.#now();
    work();
    this.#room.run();
    for (const [peer, { frames, closedWith }] of this.#peers) {
      for (const frame of frames.splice(0)) peer.send(frame);
      if (closedWith !== undefined) peer.close(closedWith);
    }
    // A wipe disconnects everyone.
    if (this.#other.closedWith !== undefined) this.#other = this.#joinOwner();
  }

  #joinOwner(): TestPeer {
    return this.#room.join("other", { owner: OWNER_SECRET, ...(this.head === 0 && { claim: {} }) });
  }
}

const target = fc.nat({ max: 30 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("send" as const, "other sends" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("edit" as const, "delete" as const, "react" as const, "other reacts" as const),
      target,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("other pins" as const, "other deletes" as const, "other sets" as const),
      target,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wipe" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("others send" as const), count: fc.nat({ max: 30 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("deliver" as const, "deliver all" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("cut" as const, "cut late" as const, "silence" as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("evict" as const, "crash" as const, "reload" as const) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      ms: fc.constantFrom(300, 3_000, 40_000, 400_000),
    }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

test("the client ends with the messages of the room, whatever fails in between", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom(10, 10_000),
      async (steps, historyLimit) => {
        const run = new Run(historyLimit);
        for (const each of steps) run.do(each);
        await run.check();
      },
    ),
    { numRuns: 50 },
  );
});

class Run {
  readonly #world: FakeWorld<RealRoom>;
  /** Seqs by the texts that were sent and acknowledged since the last wipe. */
  #acked = new Map<string, number>();
  /** Sends since the last reload whose promises are not settled. */
  #pending = new Set<string>();
  #texts = 0;
  #others = 0;

  constructor(historyLimit: number) {
    this.#world = new FakeWorld({ history: 5 }, (now) => new RealRoom(now, historyLimit));
    this.#world.client.connect();
  }

  do(step: Step): void {
    const world = this.#world;
    switch (step.do) {
      case "send":
        this.#send();
        return;
      case "other sends":
        this.#otherSends();
        return;
      case "others send":
        for (let i = 0; i < step.count; i += 1) this.#otherSends();
        return;
      case "edit":
        this.#onMessage(step.target, (seq) => void world.client.edit(seq, `edit ${seq}`).catch(ignored));
        return;
      case "delete":
        this.#onMessage(step.target, (seq) => void world.client.delete(seq).catch(ignored));
        return;
      case "react":
        this.#onMessage(step.target, (seq) => void world.client.react(seq, "👍", true).catch(ignored));
        return;
      case "other reacts":
        this.#onMessage(step.target, (seq) =>
          world.room.act({ type: "react", id: this.#otherId(), target: seq, emoji: "👍", on: seq % 2 === 0 }),
        );
        return;
      case "other pins":
        this.#onMessage(step.target, (seq) =>
          world.room.act({ type: "pin", id: this.#otherId(), target: seq, on: true }),
        );
        return;
      case "other deletes":
        this.#onMessage(step.target, (seq) =>
          world.room.act({ type: "delete", id: this.#otherId(), target: seq }),
        );
        return;
      case "other sets":
        world.room.act({ type: "settings", id: this.#otherId(), title: `title ${step.target}` });
        return;
      case "wipe":
        world.room.act({ type: "wipe", id: this.#otherId() });
        this.#acked = new Map();
        return;
      case "deliver":
        world.deliver(1, 1);
        return;
      case "deliver all":
        world.deliverAll();
        return;
      case "cut":
        world.cut();
        return;
      case "cut late":
        world.cut(true);
        return;
      case "silence":
        world.silence();
        return;
      case "evict":
        world.room.evict();
        return;
      case "crash":
        world.cut();
        world.room.crash();
        return;
      case "reload":
        this.#pending = new Set();
        world.reload();
        world.client.connect();
        return;
      case "pass":
        world.clock.advance(step.ms);
    }
  }

  async check(): Promise<void> {
    const { client, room } = this.#world;
    this.#world.recover();
    this.#world.deliverAll();
    await this.#loadEverything();
    await new Promise((done) => setImmediate(done)); // promises call their handlers
    expect([...this.#pending]).toEqual([]);
    expect(client.state.timeline.head).toBe(room.head);
    // The client may know messages that the room has pruned.
    const { items, messages: kept } = room;
    const first = kept[0]?.seq ?? Number.POSITIVE_INFINITY;
    expect(client.state.timeline.items.map(shown).slice(-items.length || Number.POSITIVE_INFINITY)).toEqual(
      items.map(shown),
    );
    expect(client.state.roomState).toEqual(room.state);
    const own = kept.filter(({ user, text }) => user === client.state.you?.user && text.startsWith("text "));
    const numbers = own.map(({ text }) => Number(text.slice(5)));
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    const seqs = new Map(kept.map(({ seq, text }) => [seq, text]));
    for (const [text, seq] of this.#acked) {
      if (seq >= first) expect([text, `edit ${seq}`, ""]).toContain(seqs.get(seq));
    }
  }

  #send(): void {
    const text = `text ${++this.#texts}`;
    const pending = this.#pending.add(text);
    const acked = this.#acked;
    this.#world.client
      .send(text)
      .then(({ seq }) => acked.set(text, seq), ignored)
      .finally(() => pending.delete(text));
  }

  #otherSends(): void {
    const id = this.#otherId();
    this.#world.room.act({ type: "send", id, text: id });
  }

  #otherId(): string {
    this.#others += 1;
    return `other-${this.#others}`;
  }

  #onMessage(target: number, act: (seq: number) => void): void {
    const { messages } = this.#world.room;
    const message = messages[target % Math.max(messages.length, 1)];
    if (message !== undefined) act(message.seq);
  }

  async #loadEverything(): Promise<void> {
    const { client } = this.#world;
    for (let round = 0; round < 100; round += 1) {
      const { items, more } = client.state.timeline;
      const gap = items.find((item): item is Gap => item.type === "gap");
      if (gap === undefined && !more) return;
      const loaded = gap === undefined ? client.loadEarlier({ limit: 9 }) : client.fillGap(gap, { limit: 9 });
      for (let wait = 0; wait < 100 && client.state.timeline.items === items; wait += 1) {
        this.#world.deliverAll();
        this.#world.clock.advance(100);
      }
      await loaded;
    }
    throw new Error("loading does not end");
  }
}

function ignored(): void {}

/** The part of an item that every reader sees. */
function shown(item: TimelineItem | TimelineEvent): unknown {
  if (item.type === "gap") return item;
  const { id: _, ...rest } = item;
  return rest.type === "message" ? { ...rest, reactions: rest.reactions ?? {} } : rest;
}
