/**
 * The bench of searches: `npm run bench:search` measures what searches of a room with many messages cost its readers.
 * It compares the delivery of 100 messages a second to 100 readers without searches, with one user who searches as
 * often as the room allows, and with as many searches at once as it allows. Then it times single slices in Node.
 */
import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { parseQuery } from "../../src/protocol/search.ts";
import { Log } from "../../src/room/log.ts";
import { Searches } from "../../src/room/searches.ts";
import { NodeStore } from "../helpers/node-store.ts";
import { openChat } from "../helpers/raw-socket.ts";
import { PINNED, useLoadCore } from "./cores.ts";
import { Crowd, type Run } from "./load/crowd.ts";
import { CHAT } from "./load/dialect.ts";
import { median, percentile } from "./load/percentile.ts";
import { TEXTS } from "./page/fill-room.ts";
import { ROOM, start } from "./servers.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "10000" },
    rounds: { type: "string", default: "5" },
    measure: { type: "string", default: "4000" },
  },
});
const messages = Number(values.messages);
const rounds = Number(values.rounds);
const measureMs = Number(values.measure);
if (!(messages > 0 && rounds >= 0 && measureMs > 0)) throw new Error("the options are numbers");

const READERS = 100;
const RATE = 100;
/** Users who search, each as often as the room allows. The last is the number of searches that a room runs at once. */
const MOST_SEARCHERS = 20;
const SEARCHERS = [0, 1, MOST_SEARCHERS] as const;
/** Occurs in no message, so that a search looks at all of them. */
const QUERY = "nowhere 不存在";
/** Commands in one frame while the room is filled. */
const FRAME = 250;

/** Sample is one run of the load. */
interface Sample extends Pick<Run, "latency" | "complete"> {
  /** Time from a query to its answer, ms. */
  readonly searches: readonly number[];
}

useLoadCore();
if (!PINNED) console.error("server and load share their cores: the figures are not meaningful");
const before = loadavg();
const samples = new Map<number, Sample[]>(SEARCHERS.map((searchers) => [searchers, []]));
for (let round = 0; round < rounds; round += 1) {
  const server = await start(ROOM);
  const socket = new URL(CHAT.path, `ws://127.0.0.1:${server.port}`);
  const crowd = new Crowd(server.port, CHAT, 7);
  try {
    await fill(socket);
    await crowd.grow(READERS);
    // Each round begins with another one, so that none always runs in the youngest process.
    for (let i = 0; i < SEARCHERS.length; i += 1) {
      const searchers = SEARCHERS[(round + i) % SEARCHERS.length] ?? 0;
      const sample = await offer(crowd, socket, searchers);
      samples.get(searchers)?.push(sample);
      const { p50, p99, max } = sample.latency;
      console.error(
        `${searchers} searchers: p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, max ${max.toFixed(1)} ms`,
      );
    }
  } finally {
    crowd.leave();
    await server.stop();
  }
}
const after = loadavg();
console.log(
  `${messages} messages, ${RATE} messages/s to ${READERS} readers; medians of ${rounds} rounds, ms`,
);
console.log("| users who search | p50 | p99 | max | searches a second | a search, p50 | a search, p99 |");
console.log("|---|---:|---:|---:|---:|---:|---:|");
for (const [searchers, list] of samples) {
  const all = list.flatMap(({ searches }) => searches);
  const cells = [
    ...(["p50", "p99", "max"] as const).map((name) =>
      median(list.map(({ latency }) => latency[name])).toFixed(1),
    ),
    ...(searchers === 0
      ? ["", "", ""]
      : [
          ((1000 * all.length) / (rounds * measureMs)).toFixed(1),
          ...[0.5, 0.99].map((part) => percentile(all, part).toFixed(0)),
        ]),
  ];
  console.log(`| ${searchers} | ${cells.join(" | ")} |`);
  if (!list.every(({ complete }) => complete)) console.log("a reader missed a message");
}
console.log();
console.log("CPU time of one slice, in Node, ms");
console.log("| texts | slices of a search | p50 | p99 | max |");
console.log("|---|---:|---:|---:|---:|");
for (const [name, text] of [
  ["as people write", (i: number) => TEXTS[i % TEXTS.length] ?? ""],
  ["8 KB of English", () => "all these words ".repeat(500)],
  ["8 KB of Chinese", () => "图书馆门口见面".repeat(380)],
  ["8 KB of full-width letters", () => "ＡＢＣ".repeat(900)],
] as const) {
  const times = timeSlices(name.startsWith("8") ? messages / 10 : messages, text);
  const cells = [times.length, ...[0.5, 0.99, 1].map((part) => percentile(times, part).toFixed(1))];
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}
const load = [before, after].map(([minute = 0]) => minute.toFixed(1));
console.log(`load average before and after the rounds: ${load.join(", ")}`);

/** Offers the load while `searchers` users search, from the beginning of the warm-up to the last message. */
async function offer(crowd: Crowd, socket: URL, searchers: number): Promise<Sample> {
  const sockets = await Promise.all(
    // The same number of connections in each run.
    Array.from({ length: MOST_SEARCHERS }, () =>
      openChat(socket, { hello: { name: "searcher", history: 0 } }),
    ),
  );
  const searches: number[] = [];
  let isOver = false;
  const loops = sockets.slice(0, searchers).map(async (chat) => {
    for (let id = 0; !isOver; id += 1) {
      const sent = performance.now();
      chat.command({ type: "search", id: `${id}`, q: QUERY });
      const answer = (await chat.linesUntil(({ type }) => type === "found" || type === "error")).at(-1);
      if (answer?.type === "error") await pause(answer.retryAfter ?? 1_000);
      else searches.push(performance.now() - sent);
    }
  });
  const run = await crowd.offer({ rate: RATE, warmMs: 500, measureMs, drainMs: 5_000, from: "due" }, 20);
  isOver = true;
  await Promise.all(loops);
  await Promise.all(sockets.map((chat) => chat.close()));
  const { latency, complete } = run;
  return { latency, complete, searches };
}

/** Fills the room with messages as people write them. */
async function fill(socket: URL): Promise<void> {
  const chat = await openChat(socket, { hello: { name: "Ann", history: 0 } });
  for (let sent = 0; sent < messages; sent += FRAME) {
    const count = Math.min(FRAME, messages - sent);
    const sends = Array.from({ length: count }, (_, i) => {
      return { type: "send", id: `f${sent + i}`, text: TEXTS[(sent + i) % TEXTS.length] ?? "" } as const;
    });
    chat.command(...sends);
    for (const _ of sends) await chat.next("ok");
  }
  await chat.close();
}

/** Returns the CPU time of each slice of one search, ms: other programs do not change it. */
function timeSlices(count: number, text: (i: number) => string): number[] {
  const store = new NodeStore();
  const log = new Log(store);
  log.transaction(() => {
    for (let i = 0; i < count; i += 1)
      log.append({ type: "message", at: i, user: "aaaaaaaaaa", name: "Ann", text: text(i) });
  });
  const query = parseQuery(QUERY);
  if (!query.ok) throw new Error(query.error.message);
  const searches = new Searches(log);
  const slices = (): number[] => {
    const times: number[] = [];
    searches.add({
      ...{ query: query.value, before: Number.MAX_SAFE_INTEGER, limit: 20 },
      isWanted: () => true,
      onResult: () => {},
    });
    while (searches.isDue) {
      const begin = process.cpuUsage();
      searches.step();
      const { user, system } = process.cpuUsage(begin);
      times.push((user + system) / 1000);
    }
    return times;
  };
  // The first search compiles the code.
  slices();
  return slices();
}
