/**
 * `npm run bench:compare`: measures two versions under the same load: another checkout, in which `npm ci` has run, and
 * this one, or this one without and with some options. The two take turns, and so does which of them begins, so that
 * other load hits both alike.
 */
import { loadavg } from "node:os";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { PINNED, useLoadCore } from "./cores.ts";
import { Crowd } from "./load/crowd.ts";
import { CHAT } from "./load/dialect.ts";
import { median } from "./load/percentile.ts";
import { ROOM, type ServerKind, start } from "./servers.ts";

const { values } = parseArgs({
  options: {
    /** Folder of the other checkout. */
    before: { type: "string", default: "." },
    /** Options of the server of this checkout, such as `--with="--workers 2"`. */
    with: { type: "string", default: "" },
    /** Let servers and load share all cores, instead of a core for each. */
    "all-cores": { type: "boolean", default: false },
    rounds: { type: "string", default: "7" },
    /** A room's readers and its messages per second, such as `100x4000`. */
    room: { type: "string", multiple: true, default: ["10x20", "100x100", "100x4000", "1000x100"] },
  },
});
const rounds = Number(values.rounds);
const rooms = values.room.map((text) => {
  const [readers = 0, rate = 0] = text.split("x").map(Number);
  if (!(readers > 0 && rate > 0)) throw new Error(`a room is READERSxRATE, not ${text}`);
  return { readers, rate, name: `${readers} readers, ${rate} messages/s` };
});
if (!(rounds > 0)) throw new Error("--rounds is a number");
const isPinned = PINNED && !values["all-cores"];

const SENDERS = 20;
const SAMPLE_EVERY = 7;
const REST_MS = 500;
const LOAD = { warmMs: 800, measureMs: 4_000, drainMs: 10_000 } as const;

/** Figures of one run: times in ms, of which the CPU time is that of all processes of the server. */
const FIGURES = ["p50", "p99", "CPU of a message", "delivered/s"] as const;
type Measured = Readonly<Record<(typeof FIGURES)[number], number>>;

const options = values.with.split(" ").filter((option) => option !== "");
/** Versions in the order of the table's columns. */
const versions: readonly ServerKind[] = [versionOf(values.before, []), versionOf(".", options)];

function versionOf(folder: string, more: readonly string[]): ServerKind {
  return {
    ...ROOM,
    name: [folder, ...more].join(" "),
    command: (state) => [...ROOM.command(state).with(0, resolve(folder, "src/serve/main.ts")), ...more],
  };
}

async function measure(kind: ServerKind, readers: number, rate: number): Promise<Measured> {
  const server = await start(kind, !isPinned);
  const crowd = new Crowd(server.port, CHAT, readers > 10 ? SAMPLE_EVERY : 1);
  try {
    await crowd.grow(readers);
    await pause(REST_MS);
    const cpu = server.cpu();
    // As in the scenario of ten people: nothing delays a sender of a small room.
    const from = readers > 10 ? "due" : "sent";
    const run = await crowd.offer({ ...LOAD, rate, from }, Math.min(SENDERS, readers));
    if (!run.complete) throw new Error(`${kind.name}: a reader missed a message, or received one twice`);
    // A process of the start may end meanwhile, and counts for neither.
    const used = Array.from(server.cpu(), ([pid, ms]) => ms - (cpu.get(pid) ?? 0));
    return {
      p50: run.latency.p50,
      p99: run.latency.p99,
      "CPU of a message": sum(used) / run.sent,
      "delivered/s": (1_000 * run.delivered) / run.tookMs,
    };
  } finally {
    crowd.leave();
    await server.stop();
  }
}

if (isPinned) useLoadCore();
else console.error("server and load share their cores");
console.log(`load average before: ${(loadavg()[0] ?? 0).toFixed(1)}; ${rounds} rounds; ms, medians`);
console.log("| room | | before | after | ratio | range of the ratios |");
console.log("|---|---|---:|---:|---:|---|");
for (const { readers, rate, name } of rooms) {
  const pairs: [Measured, Measured][] = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    const measured: Measured[] = [];
    for (const index of order) {
      const kind = versions[index];
      if (kind !== undefined) measured[index] = await measure(kind, readers, rate);
    }
    const [first, second] = measured;
    if (first === undefined || second === undefined) throw new Error("a version was not measured");
    pairs.push([first, second]);
    console.error(`${name}: ${[first, second].map((m) => JSON.stringify(m)).join(" beside ")}`);
  }
  for (const figure of FIGURES) {
    const ratios = pairs.map(([first, second]) => second[figure] / first[figure]);
    const cells = [
      ...[name, figure],
      ...[0, 1].map((index) => median(pairs.map((pair) => pair[index === 0 ? 0 : 1][figure])).toPrecision(3)),
      ...[
        median(ratios).toFixed(2),
        `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
      ],
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function sum(list: readonly number[]): number {
  return list.reduce((total, item) => total + item, 0);
}
