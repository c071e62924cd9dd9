/**
 * Simulation: one room with relays, as events in time. Each object is a thread with a queue. What the objects do follows
 * src/room and src/relay: a commit for what has arrived, one call with commands under way from each relay and one
 * delivery to it, one fan-out at a time.
 */
import {
  type Costs,
  DURABLE_MS,
  LAST_MILE_P95,
  oneWay,
  REPORT_INTERVAL_MS,
  type Region,
  type RegionName,
} from "./assumptions.ts";
import { Histogram, randomFrom, Thread, Timeline } from "./thread.ts";

/** Readers of each fan-out whose latency is recorded. */
const SAMPLES = 5;
/** Messages of the first second are not recorded. */
const WARM_MS = 1_000;

export interface Setting {
  readonly regions: readonly Region[];
  /** Region of the room itself. */
  readonly home: RegionName;
  /** Connections in the room itself. They come from all regions. */
  readonly inRoom: number;
  readonly relaySize: number;
  /** Messages per second of all senders together. */
  readonly rate: number;
  readonly seconds: number;
  readonly costs: Costs;
  /** Deliveries that may be under way to a relay. */
  readonly underWay: number;
  readonly seed: number;
}

export interface Load {
  /** Part of the time in which the thread works, while messages are sent. */
  readonly cpu: number;
  /** Calls and messages of sockets that arrive, per second. */
  readonly callsIn: number;
  readonly callsOut: number;
  /** Connections. */
  readonly connections: number;
}

export interface Outcome {
  readonly sent: number;
  /** Messages received by readers. */
  readonly delivered: number;
  readonly relays: number;
  readonly latency: ReadonlyMap<RegionName, { readonly p50: number; readonly p99: number }>;
  readonly room: Load;
  /** The relay with most CPU time. */
  readonly relay: Load;
}

interface Message {
  readonly sentAt: number;
  /** Its place in the log, from the commit on. */
  seq: number;
}

/** Audience sends fan-outs to the connections of one object, one at a time. */
interface Audience {
  readonly thread: Thread;
  /** Connections by region. */
  readonly readers: readonly (readonly [Region, number])[];
  readonly connections: number;
  readonly at: Region;
  waiting: Message[];
  isDraining: boolean;
  /** Of a relay: commands for the room. */
  commands: Message[];
  isSubmitting: boolean;
  seq: number;
  callsIn: number;
  callsOut: number;
}

interface Link {
  readonly relay: Audience;
  waiting: Message[];
  underWay: number;
  deliveredAt: number;
}

export function simulate(setting: Setting): Outcome {
  const { regions, home, inRoom, relaySize, rate, seconds, costs, underWay, seed } = setting;
  const timeline = new Timeline();
  const random = randomFrom(seed);
  const endMs = 1_000 * seconds;
  const histograms = new Map(regions.map(({ name }) => [name, new Histogram()]));
  const homeRegion = regions.find(({ name }) => name === home);
  if (homeRegion === undefined) throw new Error(`nobody is in ${home}`);
  const people = regions.reduce((sum, region) => sum + region.people, 0);

  const own = regions.map((region) => [region, Math.round((inRoom * region.people) / people)] as const);
  const room = audienceOf(homeRegion, own);
  const links = regions.flatMap((region, i) => {
    const outside = region.people - (own[i]?.[1] ?? 0);
    const count = Math.ceil(outside / relaySize);
    return Array.from({ length: count }, (_, n): Link => {
      const size = Math.floor((outside + n) / count);
      return { relay: audienceOf(region, [[region, size]]), waiting: [], underWay: 0, deliveredAt: 0 };
    });
  });
  const relays = links.map(({ relay }) => relay);
  const objects = [room, ...relays];
  let commands: Message[] = [];
  let head = 0;
  let sent = 0;
  let delivered = 0;
  /** Nothing leaves the room before everything committed is durable. */
  let gateAt = 0;

  /** Time from a client to the object that serves it, or back. */
  const path = (client: Region, object: Region): number => {
    const distance = client === object ? (random() * client.roundTrip) / 2 : oneWay(client, object);
    // Exponential.
    return distance + (-Math.log(1 - random()) * LAST_MILE_P95) / Math.log(20) / 2;
  };

  /** Sends what waits to all connections of an object. `onDrained` is called when the next fan-out may begin. */
  const fanOut = (audience: Audience, notBefore: number, onDrained: () => void) => {
    const batch = audience.waiting.splice(0);
    for (const { seq } of batch) {
      if (seq !== audience.seq + 1) throw new Error(`${seq} follows ${audience.seq}`);
      audience.seq = seq;
    }
    const { connections, thread } = audience;
    delivered += batch.length * connections;
    const cost = connections * (costs.frame + (batch.length - 1) * costs.messageInFrame);
    const endAt = thread.run(timeline.now, cost);
    for (const [region, count] of audience.readers) {
      const samples = Math.ceil((SAMPLES * count) / connections);
      for (let i = 0; i < samples; i += 1) {
        const leavesAt = Math.max(notBefore, endAt - cost * random());
        const arrivesAt = leavesAt + path(region, audience.at);
        const histogram = histograms.get(region.name);
        for (const { sentAt } of batch) if (sentAt >= WARM_MS) histogram?.add(arrivesAt - sentAt);
      }
    }
    audience.isDraining = true;
    timeline.add(Math.max(endAt, notBefore), () => {
      audience.isDraining = false;
      onDrained();
    });
  };

  const stepRelay = (relay: Audience) => {
    if (!relay.isDraining && relay.waiting.length > 0) fanOut(relay, 0, () => stepRelay(relay));
  };

  const deliver = (link: Link) => {
    const { relay } = link;
    const batch = link.waiting.splice(0);
    const away = oneWay(homeRegion, relay.at);
    link.underWay += 1;
    link.deliveredAt = timeline.now;
    room.callsOut += 1;
    const leavesAt = Math.max(gateAt, room.thread.run(timeline.now, costs.delivery + costs.call));
    timeline.add(leavesAt + away, () => {
      relay.callsIn += 1;
      timeline.add(relay.thread.run(timeline.now, costs.call), () => {
        relay.waiting.push(...batch);
        stepRelay(relay);
        timeline.add(timeline.now + away, () => {
          link.underWay -= 1;
          stepRoom();
        });
      });
    });
  };

  const stepRoom = () => {
    if (room.isDraining) return;
    const batch = commands;
    commands = [];
    for (const message of batch) {
      head += 1;
      message.seq = head;
    }
    const committedAt = room.thread.run(timeline.now, batch.length * costs.commit);
    if (batch.length > 0) gateAt = committedAt + DURABLE_MS;
    for (const link of links) {
      link.waiting.push(...batch);
      const isStateDue = timeline.now >= link.deliveredAt + REPORT_INTERVAL_MS && timeline.now < endMs;
      if (link.underWay < underWay && (link.waiting.length > 0 || isStateDue)) deliver(link);
    }
    if (batch.length === 0) return;
    room.waiting.push(...batch);
    fanOut(room, gateAt, stepRoom);
  };

  /** Sends the room the commands of a relay, unless a call is under way. Its answer waits for the room's writes. */
  const submit = (relay: Audience) => {
    if (relay.isSubmitting || relay.commands.length === 0) return;
    const batch = relay.commands.splice(0);
    const away = oneWay(relay.at, homeRegion);
    relay.isSubmitting = true;
    relay.callsOut += 1;
    timeline.add(relay.thread.run(timeline.now, costs.call) + away, () => {
      room.callsIn += 1;
      timeline.add(room.thread.run(timeline.now, costs.call), () => {
        commands.push(...batch);
        stepRoom();
        timeline.add(Math.max(timeline.now, gateAt) + away, () => {
          relay.isSubmitting = false;
          submit(relay);
        });
      });
    });
  };

  /** A command arrives at the object that serves its sender. */
  const receive = (audience: Audience, message: Message) => {
    audience.callsIn += 1;
    timeline.add(audience.thread.run(timeline.now, costs.command), () => {
      if (audience === room) {
        commands.push(message);
        stepRoom();
      } else {
        audience.commands.push(message);
        submit(audience);
      }
    });
  };

  /** A random person sends a message, then the next one. */
  const send = () => {
    const message: Message = { sentAt: timeline.now, seq: 0 };
    sent += 1;
    let n = Math.floor(random() * people);
    const served = objects.find(({ connections }) => {
      n -= connections;
      return n < 0;
    });
    const audience = served ?? room;
    const [region = homeRegion] = audience.readers[Math.floor(random() * audience.readers.length)] ?? [];
    timeline.add(timeline.now + path(region, audience.at), () => receive(audience, message));
    const nextAt = timeline.now - (Math.log(1 - random()) * 1_000) / rate;
    if (nextAt < endMs) timeline.add(nextAt, send);
  };

  /** People come and go all the time, so each relay reports at each interval. */
  const reportFrom = (relay: Audience) => {
    timeline.add(timeline.now + oneWay(relay.at, homeRegion), () => {
      room.callsIn += 1;
      timeline.add(room.thread.run(timeline.now, costs.call), stepRoom);
    });
    const nextAt = timeline.now + REPORT_INTERVAL_MS;
    if (nextAt < endMs) timeline.add(nextAt, () => reportFrom(relay));
  };

  timeline.add(0, send);
  for (const relay of relays) timeline.add(random() * REPORT_INTERVAL_MS, () => reportFrom(relay));
  timeline.run();

  const percentiles = (histogram: Histogram) => ({
    p50: histogram.percentile(0.5),
    p99: histogram.percentile(0.99),
  });
  const duration = Math.max(seconds, timeline.now / 1_000);
  const loadOf = ({ thread, callsIn, callsOut, connections }: Audience): Load => ({
    cpu: thread.busy / 1_000 / duration,
    callsIn: callsIn / seconds,
    callsOut: callsOut / seconds,
    connections,
  });
  const busiest = relays.reduce<Audience | null>(
    (most, relay) => (most !== null && most.thread.busy >= relay.thread.busy ? most : relay),
    null,
  );
  return {
    ...{ sent, delivered, relays: relays.length },
    latency: new Map([...histograms].map(([name, histogram]) => [name, percentiles(histogram)])),
    room: loadOf(room),
    relay: loadOf(busiest ?? room),
  };
}

function audienceOf(at: Region, readers: Audience["readers"]): Audience {
  const connections = readers.reduce((sum, [, count]) => sum + count, 0);
  return {
    ...{ thread: new Thread(), at, readers, connections },
    ...{ waiting: [], isDraining: false, commands: [], isSubmitting: false, seq: 0, callsIn: 0, callsOut: 0 },
  };
}
