// The client against random networks: whatever is cut, lost, late or reloaded, its timeline becomes the
// room's log, and each command makes one event, in order.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChatError, Gap, TimelineItem } from "../../../src/client/index.ts";
import type { RoomEvent } from "../../../src/protocol/index.ts";
import { FakeRoom } from "../../helpers/fake-room.ts";
import { FakeWorld } from "../../helpers/fake-world.ts";

const target = fc.nat({ max: 30 });
const emoji = fc.constantFrom("👍", "🎉");
const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("send" as const), reply: fc.boolean(), target }) },
  fc.record({ type: fc.constant("edit" as const), target }),
  fc.record({ type: fc.constant("delete" as const), target }),
  fc.record({ type: fc.constant("react" as const), target, emoji, on: fc.boolean() }),
  fc.record({ type: fc.constant("settings" as const), target }),
);

type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("command" as const), command }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("other" as const), command }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("deliver" as const),
      up: fc.nat({ max: 3 }),
      down: fc.nat({ max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("deliver all" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("cut" as const), late: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("deliver late" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("silence" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      ms: fc.constantFrom(10, 300, 3_000, 40_000, 400_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("repeat the last frame" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reload" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wipe" as const), late: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("load earlier" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("fill a gap" as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const rooms = fc.record({
  burst: fc.constantFrom(undefined, 1, 3, 20),
  refillMs: fc.constantFrom(50, 200),
  resumeEvents: fc.constantFrom(0, 2, 5, 1_000),
});

/** `FC_SEED` and `FC_PATH` replay a failed run, `FC_RUNS` sets the number of runs. */
const { FC_SEED, FC_PATH, FC_RUNS } = process.env;

test("the timeline becomes the log, and each command makes one event", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 80, size: "max" }),
      rooms,
      fc.constantFrom(0, 2, 50),
      async (steps, room, history) => {
        const run = new Run(room, history);
        for (const each of steps) run.do(each);
        await run.check();
      },
    ),
    {
      numRuns: Number(FC_RUNS ?? 300),
      ...(FC_SEED !== undefined && { seed: Number(FC_SEED) }),
      ...(FC_PATH !== undefined && { path: FC_PATH }),
    },
  );
});

test("a command that the room receives right after a wipe does not fail as if it were lost", async () => {
  const run = new Run({ burst: undefined, refillMs: 50, resumeEvents: 0 }, 0);
  run.do({ do: "deliver all" });
  run.do({ do: "command", command: { type: "settings", target: 0 } });
  run.do({ do: "wipe", late: true });
  await run.check();
  expect(run.given[0]?.outcome).toMatchObject({ code: "internal" });
  expect(run.world.room.log).toMatchObject([{ type: "settings", title: "title 0" }]);
});

interface Given {
  /** Id of the command. */
  id: string;
  readonly type: Command["type"];
  outcome: { seq: number } | ChatError | "lost with the page" | null;
  /** Epoch of the log that it was written for. */
  readonly epoch: string;
}

class Run {
  readonly world: FakeWorld<FakeRoom>;
  readonly given: Given[] = [];
  /** Seqs of `event` since the last `welcome` that did not resume. */
  #emitted: number[] = [];
  #others = 0;
  #page = 0;

  constructor(room: { burst: number | undefined; refillMs: number; resumeEvents: number }, history: number) {
    const { burst, ...rest } = room;
    const limits = burst === undefined ? rest : { ...rest, burst };
    this.world = new FakeWorld({ history }, (now) => new FakeRoom({ ...limits, now }));
    this.#start();
  }

  do(step: Step): void {
    const { world } = this;
    switch (step.do) {
      case "command":
        this.#command(step.command);
        return;
      case "other":
        this.#other(step.command);
        return;
      case "deliver":
        world.deliver(step.up, step.down);
        return;
      case "deliver all":
        world.deliverAll();
        return;
      case "cut":
        world.cut(step.late);
        return;
      case "deliver late":
        world.deliverLate();
        return;
      case "silence":
        world.silence();
        return;
      case "pass":
        world.clock.advance(step.ms);
        return;
      case "repeat the last frame":
        world.repeatFrame();
        return;
      case "reload":
        for (const given of this.given) given.outcome ??= "lost with the page";
        world.reload();
        this.#start();
        return;
      case "wipe":
        // The room disconnects everyone. It may carry out commands first that it receives right after the wipe.
        world.deliverLate();
        if (!step.late) world.cut();
        world.room.wipe();
        world.cut(true);
        world.deliverLate();
        return;
      case "load earlier":
        void world.client.loadEarlier({ limit: 3 }).catch(() => {});
        return;
      case "fill a gap": {
        const gap = world.client.state.timeline.items.find((item) => item.type === "gap");
        if (gap?.type === "gap") void world.client.fillGap(gap, { limit: 3 }).catch(() => {});
      }
    }
  }

  async check(): Promise<void> {
    const { world } = this;
    world.recover();
    world.deliverAll();
    await new Promise((done) => setImmediate(done)); // promises call their handlers
    this.#checkOutcomes();
    this.#checkOrder();
    this.#checkTimeline();
    await this.#loadEverything();
    expect(world.client.state.timeline.items.map(shown)).toEqual(world.room.timeline.map(shown));
  }

  #start(): void {
    const { client } = this.world;
    const page = ++this.#page;
    this.#emitted = [];
    client.on("welcome", ({ resumed }) => {
      if (!resumed) this.#emitted = [];
    });
    client.on("event", (event) => {
      if (page !== this.#page) return;
      const last = this.#emitted.at(-1);
      if (last !== undefined) expect(event.seq).toBe(last + 1);
      this.#emitted.push(event.seq);
    });
    client.connect();
  }

  #command(command: Command): void {
    const { client, room } = this.world;
    const { messages } = room;
    const pick = messages[command.target % Math.max(messages.length, 1)];
    if (pick === undefined && command.type !== "send" && command.type !== "settings") return;
    const seq = pick?.seq ?? 1;
    const index = this.given.length;
    const given: Given = { id: "", type: command.type, outcome: null, epoch: room.epoch };
    const promise =
      command.type === "send"
        ? client.send(`text ${index}`, command.reply && pick ? { reply: seq } : {})
        : command.type === "edit"
          ? client.edit(seq, `edited by ${index}`)
          : command.type === "delete"
            ? client.delete(seq)
            : command.type === "settings"
              ? client.setRoom({ title: `title ${index}` })
              : client.react(seq, command.emoji, command.on);
    given.id = client.state.outbox.at(-1)?.id ?? "";
    this.given.push(given);
    promise.then(
      ({ seq }) => {
        given.outcome = { seq };
      },
      (error) => {
        given.outcome = error;
      },
    );
  }

  #other(command: Command): void {
    const { room } = this.world;
    const { messages } = room;
    const { target } = command;
    const seq = messages[target % Math.max(messages.length, 1)]?.seq ?? 1;
    const id = `other-${++this.#others}`;
    if (command.type === "send") room.act("other", { type: "send", id, text: id });
    else if (command.type === "edit") room.act("other", { type: "edit", id, target: seq, text: id });
    else if (command.type === "delete") room.act("other", { type: "delete", id, target: seq });
    else if (command.type === "settings") room.act("other", { type: "settings", id, title: id });
    else room.act("other", { type: "react", id, target: seq, emoji: command.emoji, on: command.on });
  }

  /** Each promise has the right result: a resolved command is in the log once, a rejected one is not. */
  #checkOutcomes(): void {
    const { log, epoch } = this.world.room;
    for (const { id, outcome, epoch: givenIn } of this.given) {
      const events = log.filter((event) => event.id === id);
      expect(events.length).toBeLessThanOrEqual(1);
      expect(outcome).not.toBeNull();
      if (outcome === null || outcome === "lost with the page") continue;
      if ("seq" in outcome) {
        if (givenIn === epoch) expect(events[0]?.seq).toBe(outcome.seq);
      } else if (outcome.code !== "internal") {
        expect(["not_found", "forbidden"]).toContain(outcome.code);
        expect(events).toEqual([]);
      }
    }
  }

  /**
   * Own events are in the order of their commands. A change for an earlier log can be rejected, lost with its answer
   * and sent again: a later message may be its target by then.
   */
  #checkOrder(): void {
    const { epoch } = this.world.room;
    const order = new Map<string, number>();
    for (const [index, { id, type, epoch: givenIn }] of this.given.entries())
      if (givenIn === epoch || type === "send" || type === "settings") order.set(id, index);
    const own = this.world.room.log
      .map(({ id }) => order.get(id ?? ""))
      .filter((index) => index !== undefined);
    expect(own).toEqual(own.toSorted((a, b) => a - b));
  }

  /** Known messages and notices are correct, and unknown ones are within gaps or before the first item. */
  #checkTimeline(): void {
    const { items, head, more } = this.world.client.state.timeline;
    expect(head).toBe(this.world.room.head);
    const known = new Map(items.flatMap((item) => (item.type === "gap" ? [] : [[item.seq, item]])));
    const gaps = items.filter((item) => item.type === "gap");
    const first = items[0] === undefined || items[0].type === "gap" ? head + 1 : items[0].seq;
    for (const message of this.world.room.timeline) {
      const item = known.get(message.seq);
      if (item !== undefined) expect(shown(item)).toEqual(shown(message));
      else {
        const isMarked =
          (more && message.seq < first) ||
          gaps.some(({ after, before }) => after < message.seq && message.seq < before);
        expect(isMarked, `${message.type} ${message.seq} is missing without a gap`).toBe(true);
      }
    }
    const starts = items.map((item) => (item.type === "gap" ? item.after + 0.5 : item.seq));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  }

  async #loadEverything(): Promise<void> {
    const { world } = this;
    for (let round = 0; round < 200; round += 1) {
      const { items, more } = world.client.state.timeline;
      const gap = items.find((item): item is Gap => item.type === "gap");
      if (gap === undefined && !more) return;
      const loaded =
        gap === undefined ? world.client.loadEarlier({ limit: 7 }) : world.client.fillGap(gap, { limit: 7 });
      world.deliverAll();
      await loaded;
    }
    throw new Error("loading does not end");
  }
}

/** The part of a message or a notice that every reader sees. */
function shown(item: TimelineItem | RoomEvent): unknown {
  if (item.type === "gap") return item;
  const { id: _, ...rest } = item;
  return rest.type === "message" ? { ...rest, reactions: rest.reactions ?? {} } : rest;
}
