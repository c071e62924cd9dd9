/** The scenarios. Each starts its server anew. */
import { setTimeout as pause } from "node:timers/promises";
import { Crowd, type Run } from "./load/crowd.ts";
import { highest, type SearchPlan } from "./search.ts";
import { type Server, type ServerKind, start, streamOf } from "./servers.ts";

/** Number of senders in large rooms. All clients read. */
const SENDERS = 20;
/** Sampling intervals: one message in so many is timed. Primes, so that samples move through regular frames. */
const SAMPLE_MANY = 101;
const SAMPLE_FEW = 7;

/** RoomSize is a number of readers and the limit of p99, in ms. */
export interface RoomSize {
  readonly readers: number;
  readonly limitMs: number;
}

/** Sizes of the scenarios. */
export interface Sizes {
  /** Phases of a run, in ms: warm-up, measurement, and the wait for the last message. */
  readonly warmMs: number;
  readonly measureMs: number;
  readonly drainMs: number;
  /** The steady scenario: messages per second, and readers. */
  readonly steady: { readonly rate: number; readonly readers: number };
  /** The rooms of the search for the highest rate. The plan is in deliveries per second. */
  readonly rooms: readonly RoomSize[];
  readonly search: SearchPlan;
  /** Number of clients that join at once, and the room that they join. */
  readonly joins: number;
  readonly busy: { readonly rate: number; readonly readers: number };
  readonly idle: number;
  /** Pause before a server's memory is read, in ms. */
  readonly restMs: number;
  readonly people: { readonly rate: number; readonly readers: number };
  /** Number of runs of short scenarios, of which the median counts. */
  readonly rounds: number;
}

export const FULL: Sizes = {
  warmMs: 800,
  measureMs: 2_500,
  drainMs: 2_000,
  steady: { rate: 100, readers: 1_000 },
  rooms: [
    { readers: 100, limitMs: 250 },
    { readers: 1_000, limitMs: 250 },
    { readers: 5_000, limitMs: 250 },
    { readers: 5_000, limitMs: 1_000 },
  ],
  search: { from: 20_000, to: 20_000_000, growth: 3, refinements: 3 },
  joins: 1_000,
  busy: { rate: 50, readers: 100 },
  idle: 5_000,
  restMs: 2_000,
  people: { rate: 20, readers: 10 },
  rounds: 5,
};

/** Sizes that only show that the bench works. */
export const QUICK: Sizes = {
  warmMs: 100,
  measureMs: 300,
  drainMs: 500,
  steady: { rate: 50, readers: 50 },
  rooms: [{ readers: 20, limitMs: 250 }],
  search: { from: 2_000, to: 4_000, growth: 2, refinements: 0 },
  joins: 50,
  busy: { rate: 20, readers: 20 },
  idle: 100,
  restMs: 100,
  people: { rate: 20, readers: 10 },
  rounds: 1,
};

/** Highest is the result of a search. */
export interface Highest {
  readonly room: RoomSize;
  /** Deliveries per second at the highest rate that passed; 0 if none did. */
  readonly perSecond: number;
  /** All runs of the search, lowest rate first. */
  readonly runs: readonly Run[];
}

/** Results are all figures of one server. */
export interface Results {
  readonly name: string;
  readonly about: string;
  readonly steady: Run;
  readonly highest: readonly Highest[];
  readonly joinsPerSecond: number;
  /** The messages of the clients that were in the room before the others joined. */
  readonly duringJoins: Run;
  readonly bytesPerConnection: number;
  readonly people: Run;
}

/** Capacity is the limit of the load itself, in messages per second. */
export interface Capacity {
  readonly messagesPerFrame: number;
  readonly perSecond: number;
}

export type Progress = (line: string) => void;

/** Measures one server in all scenarios. */
export async function measure(kind: ServerKind, sizes: Sizes, progress: Progress): Promise<Results> {
  progress("a steady load");
  const steady = await withRoom(kind, sizes.steady.readers, SAMPLE_FEW, ({ crowd }) =>
    crowd.offer({ ...times(sizes), drainMs: 5 * sizes.drainMs, rate: sizes.steady.rate }, SENDERS),
  );
  const found: Highest[] = [];
  for (const room of sizes.rooms) {
    progress(`the highest rate to ${room.readers} readers within ${room.limitMs} ms`);
    found.push(await findHighest(kind, room, sizes, progress));
  }
  progress(`${sizes.joins} joins at once`);
  const joins = await median(sizes.rounds, () => measureJoins(kind, sizes), byJoins);
  progress(`${sizes.idle} idle connections`);
  const bytesPerConnection = await measureMemory(kind, sizes);
  progress(`a room of ${sizes.people.readers}`);
  const people = await median(
    sizes.rounds,
    () =>
      withRoom(kind, sizes.people.readers, 1, ({ crowd }) =>
        // Nothing delays a sender here, and the load's timers, a millisecond late, would be a large part of the result.
        crowd.offer({ ...times(sizes), from: "sent", rate: sizes.people.rate }, sizes.people.readers),
      ),
    ({ latency }) => latency.p50,
  );
  const { name, about } = kind;
  return { name, about, steady, highest: found, ...joins, bytesPerConnection, people };
}

/** Measures the limit of the load with a server that only streams. */
export async function measureCapacity(messagesPerFrame: number, sizes: Sizes): Promise<Capacity> {
  const { readers } = sizes.steady;
  const perSecond = await withRoom(streamOf(messagesPerFrame), readers, SAMPLE_MANY, ({ crowd }) =>
    crowd.listen(sizes.measureMs),
  );
  return { messagesPerFrame, perSecond };
}

/** Whether a run passed: no connection lost, every message delivered to every reader, and in time. */
function hasPassed({ complete, cut, latency }: Run, limitMs: number): boolean {
  return complete && cut === 0 && latency.p99 < limitMs;
}

async function findHighest(
  kind: ServerKind,
  size: RoomSize,
  sizes: Sizes,
  progress: Progress,
): Promise<Highest> {
  const { readers, limitMs } = size;
  const runs: Run[] = [];
  let room: Room | null = null;
  const passes = async (perSecond: number) => {
    room ??= await openRoom(kind, readers, SAMPLE_MANY);
    const run = await room.crowd.offer({ ...times(sizes), rate: perSecond / readers }, SENDERS);
    runs.push(run);
    const passed = hasPassed(run, limitMs);
    progress(
      `  ${Math.round(perSecond)}/s: p99 ${Math.round(run.latency.p99)} ms${passed ? "" : ", failed"}`,
    );
    if (!run.complete || run.cut > 0) {
      // Its pending messages would disturb the next run.
      await room.close();
      room = null;
    }
    return passed;
  };
  try {
    const perSecond = await highest(sizes.search, passes);
    runs.sort((a, b) => a.load.rate - b.load.rate);
    return { room: size, perSecond, runs };
  } finally {
    // The compiler does not see the assignment in the closure.
    await (room as Room | null)?.close();
  }
}

/** Runs `round` several times and returns the median result by `order`. */
async function median<T>(rounds: number, round: () => Promise<T>, order: (result: T) => number): Promise<T> {
  const results = [await round()];
  while (results.length < rounds) results.push(await round());
  results.sort((a, b) => order(a) - order(b));
  const middle = results[Math.floor(results.length / 2)];
  if (middle === undefined) throw new Error("at least one round is required");
  return middle;
}

type Joins = Pick<Results, "joinsPerSecond" | "duringJoins">;

const byJoins = ({ joinsPerSecond }: Joins): number => joinsPerSecond;

async function measureJoins(kind: ServerKind, sizes: Sizes): Promise<Joins> {
  return withRoom(kind, sizes.busy.readers, SAMPLE_FEW, async ({ crowd, server }) => {
    const traffic = crowd.offer({ ...times(sizes), rate: sizes.busy.rate }, SENDERS);
    await pause(sizes.warmMs);
    const joiners = new Crowd(server.port, kind.dialect, SAMPLE_MANY);
    const tookMs = await joiners.rush(sizes.joins).catch(() => Number.POSITIVE_INFINITY);
    const duringJoins = await traffic;
    joiners.leave();
    return { joinsPerSecond: (1000 * sizes.joins) / tookMs, duringJoins };
  });
}

/** Measures without the first connections, which also allocate what a server allocates once. */
async function measureMemory(kind: ServerKind, { idle, restMs }: Sizes): Promise<number> {
  return withRoom(kind, Math.ceil(idle / 50), SAMPLE_MANY, async ({ crowd, server }) => {
    await pause(restMs);
    const before = server.memory();
    await crowd.grow(idle);
    await pause(restMs);
    return (server.memory() - before) / idle;
  });
}

/** Room is a running server and the clients in its one room. */
interface Room {
  readonly server: Server;
  readonly crowd: Crowd;
  close(): Promise<void>;
}

async function openRoom(kind: ServerKind, people: number, sampleEvery: number): Promise<Room> {
  const server = await start(kind);
  const crowd = new Crowd(server.port, kind.dialect, sampleEvery);
  const close = async () => {
    crowd.leave();
    await server.stop();
  };
  try {
    await crowd.grow(people);
  } catch (error) {
    await close();
    throw error;
  }
  return { server, crowd, close };
}

async function withRoom<T>(
  kind: ServerKind,
  people: number,
  sampleEvery: number,
  work: (room: Room) => Promise<T>,
): Promise<T> {
  const room = await openRoom(kind, people, sampleEvery);
  try {
    return await work(room);
  } finally {
    await room.close();
  }
}

function times({ warmMs, measureMs, drainMs }: Sizes) {
  return { warmMs, measureMs, drainMs, from: "due" } as const;
}
