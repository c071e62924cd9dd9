/**
 * `npm run bench:relays`: measures the CPU time that a message costs with readers on relays. With `--workers N` the
 * relays have processes of their own, so that the room's own cost shows.
 */
import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { runtimesOf } from "../helpers/runtimes.ts";
import { PINNED, useLoadCore } from "./cores.ts";
import { Crowd } from "./load/crowd.ts";
import { CHAT } from "./load/dialect.ts";
import { ROOM, type ServerKind, start } from "./servers.ts";

const { values } = parseArgs({
  options: {
    /** Messages per second: few, because a relay that is busy sends several in one frame. */
    rate: { type: "string", default: "4" },
    seconds: { type: "string", default: "15" },
    rounds: { type: "string", default: "3" },
    readers: { type: "string", multiple: true, default: ["0", "1000", "2500"] },
    workers: { type: "string" },
  },
});
const [rate, seconds, rounds] = [values.rate, values.seconds, values.rounds].map(Number);
const readers = values.readers.map(Number);
if (!rate || !seconds || !rounds || readers.some(Number.isNaN)) throw new Error("the options are numbers");

/** The relay that takes all readers of a case is larger than any. */
const RELAY_SIZE = 5_000;
/** Relays of this size show what one more relay costs. A busy relay takes up to twice its size. */
const SMALL_SIZE = 50;
const SMALL_READERS = 500;
/** Fewer than a small relay takes, and longer than it needs to report them. */
const JOIN_AT_ONCE = 40;
const JOIN_PAUSE_MS = 1_300;
const REST_MS = 2_000;

interface Case {
  readonly name: string;
  readonly readers: number;
  readonly relayAfter: number;
  readonly relaySize: number;
}

const onRelays: readonly Case[] = readers.map((count) => ({
  ...{ name: `${count.toLocaleString("en")} on relays`, readers: count },
  ...{ relayAfter: 1, relaySize: RELAY_SIZE },
}));
/** Cases of one process. With workers, all connections are in relays. */
const inOneProcess: readonly Case[] = [
  { name: "1,000 in the room", readers: 1_000, relayAfter: 0, relaySize: RELAY_SIZE },
  { name: `${SMALL_READERS} in the room`, readers: SMALL_READERS, relayAfter: 0, relaySize: RELAY_SIZE },
  {
    name: `${SMALL_READERS} on relays of ${SMALL_SIZE}`,
    readers: SMALL_READERS,
    relayAfter: 1,
    relaySize: SMALL_SIZE,
  },
];
const cases = values.workers === undefined ? [...onRelays, ...inOneProcess] : onRelays;

/** Cost is the CPU time of one message, in ms. */
interface Cost {
  readonly all: number;
  /** The part of the process that has the rooms; `null` without workers. */
  readonly sequencer: number | null;
}

function serverOf({ relayAfter, relaySize }: Case): ServerKind {
  const variables = [`RELAY_AFTER=${relayAfter}`, `RELAY_SIZE=${relaySize}`, "MAX_CONNECTIONS=20000"];
  const workers = values.workers === undefined ? [] : ["--workers", values.workers];
  return {
    ...ROOM,
    command: (state) => [...ROOM.command(state), ...variables.flatMap((text) => ["--var", text]), ...workers],
  };
}

async function measure(kind: Case): Promise<Cost> {
  const server = await start(serverOf(kind));
  // The room itself has the first connection, and leaves it to the relays once there are others.
  const first = new Crowd(server.port, CHAT, 1);
  const crowd = new Crowd(server.port, CHAT, 1);
  try {
    if (kind.relayAfter > 0) await first.grow(1);
    // The sender.
    await crowd.grow(1);
    if (kind.relaySize === RELAY_SIZE) await crowd.grow(kind.readers);
    else
      for (let left = kind.readers; left > 0; left -= JOIN_AT_ONCE) {
        await crowd.rush(Math.min(left, JOIN_AT_ONCE));
        await pause(JOIN_PAUSE_MS);
      }
    await pause(REST_MS);
    const before = server.cpu();
    const run = await crowd.offer(
      { rate: rate ?? 0, warmMs: 0, measureMs: 1_000 * (seconds ?? 0), drainMs: 5_000, from: "due" },
      1,
    );
    if (!run.complete) throw new Error(`${kind.name}: a reader missed a message, or received one twice`);
    const after = server.cpu();
    const costOf = (pid: number) => ((after.get(pid) ?? 0) - (before.get(pid) ?? 0)) / run.sent;
    const all = [...after.keys()].reduce((sum, pid) => sum + costOf(pid), 0);
    const sequencer = runtimesOf(server.pid).find(({ worker }) => worker === 0);
    return { all, sequencer: sequencer === undefined ? null : costOf(sequencer.pid) };
  } finally {
    first.leave();
    crowd.leave();
    await server.stop();
  }
}

useLoadCore();
if (!PINNED) console.error("server and load share their cores: the figures are not meaningful");
const loadBefore = loadavg()[0] ?? 0;
const costs = new Map<string, Cost[]>(cases.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round += 1)
  for (const kind of cases) {
    const cost = await measure(kind);
    costs.get(kind.name)?.push(cost);
    console.error(`${kind.name}: ${row(cost)}`);
  }

console.log(`CPU time of a message, ms; ${rate} messages/s for ${seconds} s; the least of ${rounds} rounds`);
console.log("| readers | all processes | of which the room's |");
console.log("|---|---:|---:|");
for (const [name, list] of costs) {
  const [least] = list.toSorted((a, b) => a.all - b.all);
  if (least !== undefined) console.log(`| ${name} | ${row(least)} |`);
}
console.log(`load average before: ${loadBefore.toFixed(1)}`);

function row({ all, sequencer }: Cost): string {
  return [all, sequencer].map((ms) => ms?.toFixed(2) ?? "").join(" | ");
}
