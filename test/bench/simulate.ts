/**
 * `npm run bench:simulate`: simulates a room of 100,000 people in five regions on relays, and prints tables in Markdown. It
 * takes seconds and prints the same each time. The assumptions are in simulation/assumptions.ts.
 */
import { highest, type SearchPlan } from "./search.ts";
import {
  COSTS,
  HEAP_KIB,
  IN_ROOM,
  LIMITS,
  REGIONS,
  RELAY_SIZE,
  SERVER_KIB,
} from "./simulation/assumptions.ts";
import { costOfHour } from "./simulation/cost.ts";
import { type Outcome, type Setting, simulate } from "./simulation/simulation.ts";

const DEFAULT: Setting = {
  ...{ regions: REGIONS, home: "weur", inRoom: IN_ROOM, relaySize: RELAY_SIZE, rate: 10, seconds: 10 },
  ...{ costs: COSTS, underWay: 1, seed: 1 },
};
const PEOPLE = REGIONS.reduce((sum, { people }) => sum + people, 0);
const RATES = [1, 10, 100, 1_000];
/** Settings that are compared with the default, by the variables that make them. */
const OTHERS: readonly (readonly [string, Partial<Setting>])[] = [
  ["the default", {}],
  ["if the room kept 1,500 connections", { inRoom: 1_500 }],
  ["`RELAY_SIZE=1000`", { relaySize: 1_000 }],
  ["the same, 8 deliveries under way", { relaySize: 1_000, underWay: 8 }],
  ["`RELAY_SIZE=500`", { relaySize: 500 }],
  ["the default, calls at 1.4 ms for each end", { costs: { ...COSTS, call: 1.4 } }],
  ["the default, frames at half their cost", { costs: { ...COSTS, frame: COSTS.frame / 2 } }],
];
/** The search for the highest rate, in messages per second, and the length of its runs. */
const SEARCH: SearchPlan = { from: 500, to: 100_000, growth: 2, refinements: 3 };
const SEARCH_SECONDS = 4;
const LIMIT_MS = 1_000;
const KIB_PER_MIB = 1_024;

/** Simulates more seconds at low rates, for enough messages. */
function run(change: Partial<Setting>): Outcome {
  const setting = { ...DEFAULT, ...change };
  return simulate({ ...setting, seconds: Math.max(DEFAULT.seconds, Math.ceil(500 / setting.rate)) });
}

/** Whether 99 of 100 readers of each region receive messages in time. */
function isFast({ latency }: Outcome): boolean {
  return [...latency.values()].every(({ p99 }) => p99 < LIMIT_MS);
}

/** Returns the highest rate at which it is still fast, within a tenth, or 0. */
function highestRate(change: Partial<Setting>): Promise<number> {
  return highest(SEARCH, async (rate) =>
    isFast(simulate({ ...DEFAULT, ...change, rate, seconds: SEARCH_SECONDS })),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|---|${"---:|".repeat(head.length - 1)}`, ...rows.map(line)].join("\n");
}

const percent = (part: number) => `${(100 * part).toFixed(part < 0.1 ? 1 : 0)}%`;
const count = (value: number) => Number(value.toPrecision(2)).toLocaleString("en");
const dollars = (value: number) => `$${value.toFixed(2)}`;
const range = ({ latency }: Outcome, part: "p50" | "p99") => {
  const values = Array.from(latency.values(), (percentiles) => percentiles[part]);
  return `${Math.min(...values)} to ${Math.max(...values)} ms`;
};

const outcomes = RATES.map((rate) => ({ rate, outcome: run({ rate }) }));
for (const { outcome } of outcomes)
  if (outcome.delivered !== outcome.sent * PEOPLE) throw new Error("not every reader received every message");

console.log(
  `# ${PEOPLE.toLocaleString("en")} people, ${outcomes[0]?.outcome.relays} relays, the room in ${DEFAULT.home}\n`,
);
console.log("## Latency, from a client until another has it: p50, p99\n");
console.log(
  table(
    ["messages/s", ...REGIONS.map(({ name, people }) => `${name}, ${people.toLocaleString("en")} people`)],
    outcomes.map(({ rate, outcome }) => [
      rate.toLocaleString("en"),
      ...Array.from(outcome.latency.values(), ({ p50, p99 }) => `${p50} ms, ${p99} ms`),
    ]),
  ),
);
console.log("\n## Load of the objects, and cost\n");
console.log(
  table(
    [
      "messages/s",
      "room: CPU",
      "calls in/s",
      "calls out/s",
      "relay: CPU",
      "calls and frames in/s",
      "an hour",
    ],
    outcomes.map(({ rate, outcome: { room, relay, relays } }) => [
      rate.toLocaleString("en"),
      ...[
        percent(room.cpu),
        count(room.callsIn),
        count(room.callsOut),
        percent(relay.cpu),
        count(relay.callsIn),
      ],
      dollars(costOfHour({ people: PEOPLE, rate, relays, callsToRoom: room.callsIn }).total),
    ]),
  ),
);
const heapMiB = (RELAY_SIZE * HEAP_KIB) / KIB_PER_MIB;
const serverMiB = (RELAY_SIZE * SERVER_KIB) / KIB_PER_MIB;
console.log(
  `\nA relay of ${RELAY_SIZE.toLocaleString("en")} connections: ${heapMiB.toFixed(1)} MiB of JavaScript heap for them, ` +
    `${Math.round(serverMiB)} MiB with the runtime's buffers as measured for a whole server. ` +
    `The limit is ${LIMITS.memoryMiB} MiB; which buffers count is not documented.`,
);

const rows: string[][] = [];
for (const [name, change] of OTHERS) {
  const outcome = run(change);
  const { relays, room, relay } = outcome;
  const { total } = costOfHour({ people: PEOPLE, rate: DEFAULT.rate, relays, callsToRoom: room.callsIn });
  rows.push([
    ...[name, String(relays), range(outcome, "p50"), range(outcome, "p99"), percent(room.cpu)],
    ...[percent(relay.cpu), `${count(await highestRate(change))}/s`, dollars(total)],
  ]);
}
console.log(`\n## Settings, at ${DEFAULT.rate} messages/s\n`);
console.log(
  table(
    [
      "setting",
      "relays",
      "p50",
      "p99",
      "room: CPU",
      "relay: CPU",
      `p99 under ${LIMIT_MS} ms up to`,
      "an hour",
    ],
    rows,
  ),
);
console.log("\n## Calls of the room's object\n");
const rates = [100, 300, 1_000, 3_000, 10_000];
console.log(
  `Calls in/s at ${rates.map((rate) => `${count(rate)} messages/s: ${count(run({ rate }).room.callsIn)}`).join("; ")}. ` +
    `Cloudflare's soft limit is ${LIMITS.requestsPerSecond.toLocaleString("en")}, ` +
    `or ${LIMITS.writingRequestsPerSecond} if each writes.`,
);
