/** The report: the results, and the machine on which they were measured. */
import { cpus, loadavg, release, type } from "node:os";
import { PINNED } from "./cores.ts";
import { type Run, TEXT_BYTES } from "./load/crowd.ts";
import type { Panel } from "./plot.ts";
import type { Capacity, Highest, Results, RoomSize, Sizes } from "./scenarios.ts";

/** The results as a Markdown table: one row per scenario, one column per server. */
export function table(results: readonly Results[], sizes: Sizes): string {
  const { steady, busy, joins, people } = sizes;
  const rows: [string, (result: Results) => string][] = [
    [
      `${steady.rate} messages/s to ${count(steady.readers)} readers: p50, p99`,
      (result) => latency(result.steady),
    ],
    ...sizes.rooms.map((room): [string, (result: Results) => string] => [
      `highest rate delivered to ${count(room.readers)} readers, p99 under ${room.limitMs} ms`,
      (result) => rate(find(result, room), find(results[0], room)),
    ]),
    [
      `${count(joins)} joins at once, ${busy.rate} messages/s to ${busy.readers} others`,
      ({ joinsPerSecond }) => (joinsPerSecond === 0 ? "refused" : `${count(joinsPerSecond)}/s`),
    ],
    [`p99 of these messages during the joins`, ({ duringJoins }) => ms(duringJoins.latency.p99)],
    [
      "memory of an idle connection",
      ({ bytesPerConnection }) => `${(bytesPerConnection / 1024).toFixed(1)} KiB`,
    ],
    [`${people.readers} people, ${people.rate} messages/s: p50, p99`, (result) => latency(result.people)],
  ];
  return [
    `| | ${results.map(({ name }) => name).join(" | ")} |`,
    `|---|${"---:|".repeat(results.length)}`,
    ...rows.map(([title, cell]) => `| ${title} | ${results.map(cell).join(" | ")} |`),
  ].join("\n");
}

/** Circumstances describe the machine during the measurement. */
export interface Circumstances {
  /** Load average before the bench. */
  readonly loadBefore: number;
  /** Median time of a disk sync, ms. */
  readonly syncMs: number;
}

/** The whole report in Markdown. */
export function report(
  results: readonly Results[],
  capacities: readonly Capacity[],
  sizes: Sizes,
  plotFile: string,
  date: Date,
  { loadBefore, syncMs }: Circumstances,
): string {
  return `# Benchmark results

Measured on ${date.toISOString().slice(0, 10)}: ${machine()}. Absolute figures are valid for this machine only; compare the
servers by their ratios. \`npm run bench\` repeats the measurement; [README.md](README.md) describes the method.
${otherLoad(loadBefore)} A disk sync took ${ms(syncMs)} (median). A
server that stores messages waits for one before each frame with messages.

${table(results, sizes)}

Highest rate: messages delivered per second to all readers together, at which 99 of 100 arrived in time, every reader
received every message, and no connection was lost. In brackets: the ratio to ${results[0]?.name}.

![Latency against the offered rate](${plotFile})

## The servers

${results.map(({ name, about }) => `- **${name}**: ${about}.`).join("\n")}

Each message's text is ${TEXT_BYTES} bytes. Latency is measured from the time at which a message was due until a reader has
read it; in the room of ${sizes.people.readers}, from the actual sending.

## Limit of the load

The load reads from a server that only streams frames to ${count(sizes.steady.readers)} readers:

${capacities.map(({ messagesPerFrame, perSecond }) => `- ${count(perSecond)} messages/s in frames of ${messagesPerFrame}`).join("\n")}
`;
}

/** Panels of the plot: one per room size, with the runs of all its searches. Of several runs at one rate, the best. */
export function panels(results: readonly Results[], sizes: Sizes): Panel[] {
  return [...new Set(sizes.rooms.map(({ readers }) => readers))].map((readers) => ({
    title: `${count(readers)} readers`,
    limitsMs: sizes.rooms.filter((room) => room.readers === readers).map(({ limitMs }) => limitMs),
    series: results.map(({ name, highest }) => ({
      name,
      points: highest
        .filter(({ room }) => room.readers === readers)
        .flatMap(({ runs }) => runs)
        .map(({ load, latency: { p50, p99 } }) => ({ rate: load.rate * readers, p50, p99 }))
        .sort((a, b) => a.rate - b.rate || a.p99 - b.p99)
        .filter(({ rate }, i, all) => rate !== all[i - 1]?.rate),
    })),
  }));
}

function find(result: Results | undefined, room: RoomSize): Highest | undefined {
  return result?.highest.find((found) => found.room === room);
}

function rate(found: Highest | undefined, reference: Highest | undefined): string {
  if (found === undefined || found.perSecond === 0) return "none passed";
  if (found === reference || !reference?.perSecond) return `${count(found.perSecond)}/s`;
  const ratio = reference.perSecond / found.perSecond;
  const times = ratio < 1 ? `${count(1 / ratio, 2)} times` : `1/${count(ratio, 2)}`;
  return `${count(found.perSecond)}/s (${times})`;
}

function latency({ latency: { p50, p99 } }: Run): string {
  return `${ms(p50)}, ${ms(p99)}`;
}

function ms(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "never";
  if (value >= 1_000) return `${(value / 1_000).toFixed(1)} s`;
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

/** Formats a number with a number of significant digits. */
function count(value: number, digits = 3): string {
  return Number(value.toPrecision(digits)).toLocaleString("en");
}

/** The machine's load average. Call it before the bench adds to it. */
export function loadBeforeBench(): number {
  return loadavg()[0] ?? 0;
}

/** States whether other load affected the figures. */
function otherLoad(load: number): string {
  return load < 1
    ? "The machine had no other load."
    : `The machine had other load: the load average was ${load.toFixed(1)} before the bench, so all figures are worse than without it.`;
}

function machine(): string {
  const [cpu] = cpus();
  const cores = PINNED ? "one core for the server, one for the load" : "server and load share the cores";
  return `${cpu?.model.trim()}, ${type()} ${release()}, Node ${process.versions.node}; ${cores}`;
}
