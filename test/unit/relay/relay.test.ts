// A room and its relays, in random runs in which calls between them are delayed, reordered, lost and repeated, and
// objects end: every client receives each event once, in order, without gaps.
import assert from "node:assert/strict";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Client, RelayWorld } from "../../helpers/relay-world.ts";

const RELAYS = ["any-0", "any-1"];
const PLACES = ["room", ...RELAYS];

type Step = (world: RelayWorld) => Promise<void>;

/** Returns a function that gives a step its text in a counterexample. */
function step(name: string, ...parts: unknown[]): (work: Step) => Step {
  return (work) => Object.assign(work, { [fc.toStringMethod]: () => `${name}(${parts.join(", ")})` });
}

const client = fc.nat({ max: 5 });
const place = fc.constantFrom(...PLACES);
const relay = fc.constantFrom(...RELAYS);
const leg = fc.nat({ max: 20 });
const at = (world: RelayWorld, n: number) => n % Math.max(1, world.legs.length);

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(client, place)
      .map(([n, name]) => step("connect", n, name)((world) => world.connect(clientOf(world, n), name))),
  },
  {
    weight: 10,
    arbitrary: client.map((n) =>
      step(
        "say",
        n,
      )(async (world) => {
        clientOf(world, n).say("hi");
        await world.settle();
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: client.map((n) =>
      step(
        "leave",
        n,
      )(async (world) => {
        clientOf(world, n).leave();
        await world.settle();
      }),
    ),
  },
  { weight: 30, arbitrary: fc.constant(step("take first")((world) => world.take(0))) },
  { weight: 8, arbitrary: leg.map((n) => step("take", n)((world) => world.take(at(world, n)))) },
  { weight: 2, arbitrary: leg.map((n) => step("lose", n)((world) => world.lose(at(world, n)))) },
  { weight: 2, arbitrary: leg.map((n) => step("repeat", n)((world) => world.repeat(at(world, n)))) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(100, 1_000, 5_000, 15_000)
      .map((ms) => step("wait", ms)((world) => world.wait(ms))),
  },
  { weight: 1, arbitrary: place.map((name) => step("crash", name)((world) => world.crash(name))) },
  { weight: 1, arbitrary: relay.map((name) => step("evict", name)((world) => world.evict(name))) },
  { weight: 2, arbitrary: relay.map((name) => step("hibernate", name)((world) => world.hibernate(name))) },
);

function clientOf(world: RelayWorld, n: number): Client {
  return world.clients[n] ?? new Client(world, `client-${world.clients.length}`);
}

const { FC_SEED, FC_PATH, FC_RUNS } = process.env;

test("every client receives each event once, in order, in random runs", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 150, size: "max" }), async (sequence) => {
      const world = new RelayWorld(RELAYS);
      for (let n = 0; n < 6; n += 1) new Client(world, `client-${n}`);
      for (const apply of sequence) await apply(world);
      await world.heal();
      checkLog(world);
    }),
    {
      numRuns: Number(FC_RUNS ?? 60),
      ...(FC_SEED !== undefined && { seed: Number(FC_SEED) }),
      ...(FC_PATH !== undefined && { path: FC_PATH }),
    },
  );
}, 120_000);

/** Compares what the clients have with the log. */
function checkLog({ room, clients }: RelayWorld): void {
  const log = new Map<number, string>();
  const ids = new Map<string, number>();
  for (const event of room.log.after(0, 100_000).events) {
    if (event.type !== "message") continue;
    log.set(event.seq, `${event.name}: ${event.text}`);
    assert(!ids.has(event.id ?? ""), "one id makes one event");
    ids.set(event.id ?? "", event.seq);
  }
  for (const { received, acknowledged, seq } of clients) {
    assert.equal(seq, room.log.head);
    for (const [at, text] of received) assert.equal(text, log.get(at));
    for (const [id, at] of acknowledged) assert.equal(ids.get(id), at);
  }
  expect(log.size).toBe(ids.size);
}
