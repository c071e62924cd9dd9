/**
 * `npm run bench`: measures this project's room and other servers in the same scenarios, one server at a time,
 * prints a table, and writes report.md with a plot. `--quick` takes under a minute and only shows that it works.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { findBun } from "./bun.ts";
import { PINNED, useLoadCore } from "./cores.ts";
import { measureSync } from "./disk.ts";
import { plot } from "./plot.ts";
import { loadBeforeBench, panels, report, table } from "./report.ts";
import { FULL, measure, measureCapacity, QUICK, type Results } from "./scenarios.ts";
import { BUN, bunServer, OTHERS, ROOM } from "./servers.ts";

const PLOT_FILE = "latency.svg";
const FRAME_SIZES = [1, 100];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    /** Folder for report and plot. */
    out: { type: "string" },
    /** Names of the servers to measure. Default: all. */
    server: { type: "string", multiple: true },
  },
});
const sizes = values.quick ? QUICK : FULL;
const out = resolve(values.out ?? (values.quick ? ".tmp/bench" : import.meta.dirname));
const isWanted = (name: string) => values.server?.includes(name) ?? true;
const bun = isWanted(BUN) ? await findBun() : null;
if (bun === null && isWanted(BUN)) console.error("Bun could not be installed by npx and is left out");
const available = [ROOM, ...OTHERS, ...(bun === null ? [] : [bunServer(bun)])];
const kinds = available.filter(({ name }) => isWanted(name));
if (kinds.length === 0)
  throw new Error(`servers are ${[ROOM, ...OTHERS].map(({ name }) => name).join(", ")}, ${BUN}`);

const loadBefore = loadBeforeBench();
useLoadCore();
if (!PINNED) console.error("servers and load share their cores: the figures are not meaningful");

const syncMs = await measureSync();
const results: Results[] = [];
for (const kind of kinds) {
  results.push(await measure(kind, sizes, (line) => console.error(`${kind.name}: ${line}`)));
}
console.error("the limit of the load");
const capacities = [];
for (const size of FRAME_SIZES) capacities.push(await measureCapacity(size, sizes));

await mkdir(out, { recursive: true });
await writeFile(join(out, PLOT_FILE), plot(panels(results, sizes)));
await writeFile(
  join(out, "report.md"),
  report(results, capacities, sizes, PLOT_FILE, new Date(), { loadBefore, syncMs }),
);
console.log(table(results, sizes));
for (const { messagesPerFrame, perSecond } of capacities) {
  console.log(`the load reads up to ${Math.round(perSecond)} messages/s in frames of ${messagesPerFrame}`);
}
console.log(`written: ${join(out, "report.md")}`);
