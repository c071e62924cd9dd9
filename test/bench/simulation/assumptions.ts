/** Assumptions: what the simulation takes as given, with its source. Times are in ms unless the name says otherwise. */

/**
 * Costs are CPU times of an object, in ms. Measured with workerd on one core of a server of 2026, "Where the room's time
 * goes" in test/bench/README.md, unless stated otherwise. Cloudflare's machines may be faster or slower.
 */
export interface Costs {
  /** A frame to an idle socket: 40 to 48 µs. */
  readonly frame: number;
  /** Each further message in a frame: 0.14 µs. */
  readonly messageInFrame: number;
  /** Reading, decoding and checking a client's command: 43% of a core at 9,000 commands/s. */
  readonly command: number;
  /** Applying a command, with SQLite's insert: 20% of a core at 9,000 commands/s. */
  readonly commit: number;
  /**
   * A call between two objects, at each end: 1,000 calls of 4 KiB to 20 objects of one workerd process took 72 ms for
   * both ends.
   */
  readonly call: number;
  /** Preparing a delivery for one relay: 4 µs, measured by simulation/measure.ts. */
  readonly delivery: number;
}

export const COSTS: Costs = {
  frame: 0.045,
  messageInFrame: 0.000_14,
  command: 0.048,
  commit: 0.022,
  call: 0.036,
  delivery: 0.004,
};

/** Time until a write is durable, which delays everything that leaves the object. Assumed: Cloudflare names no figure. */
export const DURABLE_MS = 5;

/** Connections in the room itself: with three times RELAY_AFTER, a room leaves all of them to its relays. */
export const IN_ROOM = 0;
/** Connections of one relay: the default of RELAY_SIZE. */
export const RELAY_SIZE = 2_500;
/** Interval at which a relay reports a changed number of connections, and at which the room passes it on. */
export const REPORT_INTERVAL_MS = 1_000;

/** Name of a region, as Cloudflare's location hints. */
export type RegionName = "enam" | "wnam" | "weur" | "apac" | "sam";

export interface Region {
  readonly name: RegionName;
  /** Assumed. */
  readonly people: number;
  /** Round trip between two places of the region, ms. */
  readonly roundTrip: number;
}

/**
 * Round trips are those between two Azure regions, 95th percentile of the 30 days before 2026-07-30:
 * https://learn.microsoft.com/azure/networking/azure-network-latency. Cloudflare publishes no such table.
 */
export const REGIONS: readonly Region[] = [
  // East US, Canada Central.
  { name: "enam", people: 25_000, roundTrip: 22 },
  // West US, West US 2.
  { name: "wnam", people: 15_000, roundTrip: 26 },
  // West Europe, North Europe.
  { name: "weur", people: 25_000, roundTrip: 19 },
  // Southeast Asia, Japan East.
  { name: "apac", people: 25_000, roundTrip: 74 },
  // Azure has one region there: assumed.
  { name: "sam", people: 10_000, roundTrip: 20 },
];

/** The room itself is where its first visitor was. Azure: East US, West US, West Europe, Southeast Asia, Brazil South. */
const ROUND_TRIPS: Readonly<Record<string, number>> = {
  "enam wnam": 74,
  "enam weur": 91,
  "apac enam": 229,
  "enam sam": 121,
  "weur wnam": 153,
  "apac wnam": 171,
  "sam wnam": 171,
  "apac weur": 182,
  "sam weur": 191,
  "apac sam": 337,
};

/** Returns the time from one region to another, ms. Within one it is half the time across it. */
export function oneWay(from: Region, to: Region): number {
  if (from.name === to.name) return from.roundTrip / 4;
  const roundTrip = ROUND_TRIPS[[from.name, to.name].sort().join(" ")];
  if (roundTrip === undefined) throw new Error(`the distance from ${from.name} to ${to.name} is not known`);
  return roundTrip / 2;
}

/**
 * Round trip from a client to Cloudflare's nearest location that 95 of 100 clients do not exceed, ms. Cloudflare says of
 * its network that it is within about 50 ms of 95% of the people on the Internet: https://www.cloudflare.com/network.
 */
export const LAST_MILE_P95 = 50;

/** Limits of one object: https://developers.cloudflare.com/durable-objects/platform/limits and .../reference/faq. */
export const LIMITS = {
  /** Soft limit of requests a second; 200 to 500 if each writes. */
  requestsPerSecond: 1_000,
  writingRequestsPerSecond: 500,
  sockets: 32_768,
  memoryMiB: 128,
} as const;

/** List prices in $: https://developers.cloudflare.com/durable-objects/platform/pricing and /workers/platform/pricing. */
export const PRICES = {
  /** A request, a call, or 20 incoming messages of sockets. */
  request: 0.15 / 1e6,
  /** A request to the Worker. */
  workerRequest: 0.3 / 1e6,
  /** A GB-second. An object counts as 0.128 GB as long as it is awake. */
  gigabyteSecond: 12.5 / 1e6,
  objectGigabytes: 0.128,
  rowWritten: 1 / 1e6,
} as const;

/** How long a visitor stays, in minutes. Assumed. */
export const STAY_MINUTES = 30;
/**
 * JavaScript heap of a connection in a relay, in KiB, without what the runtime keeps of a socket: 1.1, measured by
 * simulation/measure.ts. An idle connection of a whole server takes 90 KiB, which includes the runtime's buffers.
 */
export const HEAP_KIB = 1.1;
export const SERVER_KIB = 90;
