/**
 * Measures what the simulation assumes of this project's own code: the room and its relays in Node, without sockets and
 * without the runtime's calls. Prints µs of CPU and bytes.
 */
import { type RoomEvent, SUBPROTOCOL } from "../../../src/protocol/index.ts";
import { Relay } from "../../../src/relay/relay.ts";
import { NOTHING_HERE } from "../../../src/room/elsewhere.ts";
import type { Delivery, RelayCommand, RoomCalls } from "../../../src/room/feed.ts";
import { Room } from "../../../src/room/room.ts";
import { NodeStore } from "../../helpers/node-store.ts";
import { UNLIMITED } from "../../helpers/test-room.ts";

const RELAYS = 40;
const ROUNDS = 300;
const COMMANDS = 20;
const CONNECTIONS = 2_500;

const never = () => Promise.reject(new Error("not reachable"));
const report = () => {};

/** Returns a room with attached relays, and the deliveries to the last of them. */
function roomWithRelays(relays: number): { room: Room; deliveries: Delivery[] } {
  const deliveries: Delivery[] = [];
  let sessions = 0;
  const room = new Room({
    ...{
      name: "bench",
      store: new NodeStore(),
      config: UNLIMITED,
      report,
      files: null,
      onFilesSent: () => {},
    },
    relays: {
      ...{ saved: [], save: () => {}, onChange: () => {} },
      calls: () => ({ wake: never, users: never, about: never }),
    },
  });
  for (let n = 0; n < relays; n += 1) {
    const sink = {
      deliver: async (delivery: Delivery) => {
        if (n === relays - 1) deliveries.push(delivery);
      },
    };
    sessions += 1;
    const request = {
      relay: `any-${n}`,
      secrets: null,
      has: null,
      here: { ...NOTHING_HERE, connections: 1 },
    };
    room.relays?.attach(request, sink, String(sessions), Date.now());
  }
  return { room, deliveries };
}

/** Returns the µs of CPU of one round of commands. */
async function roundOf(relays: number, commands: number): Promise<{ us: number; deliveries: Delivery[] }> {
  const { room, deliveries } = roomWithRelays(Math.max(1, relays));
  let ref = 0;
  const round = async () => {
    const batch = Array.from({ length: commands }, (): RelayCommand => {
      ref += 1;
      const body = { type: "message", text: "a message of about thirty bytes" } as const;
      return {
        ...{ ref, user: `user-${ref % 50}`, name: "reader", body, id: String(ref).padStart(32, "0") },
        ...{ isPlain: false, since: null, details: {} },
      };
    });
    const submissions = room.relays?.submissions("any-0", "1", batch) ?? [];
    for (const submission of submissions) room.submit(submission);
    room.step(Date.now());
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (let n = 0; n < ROUNDS; n += 1) await round();
  const before = process.cpuUsage();
  for (let n = 0; n < ROUNDS; n += 1) await round();
  const { user, system } = process.cpuUsage(before);
  return { us: (user + system) / ROUNDS, deliveries };
}

/** Frames that were sent. */
let frames = 0;

/** Returns a relay that is attached to a room which says nothing more, with connections. */
async function relayWith(connections: number, deliveries: readonly Delivery[]): Promise<Relay> {
  const [first] = deliveries;
  if (first === undefined) throw new Error("nothing was delivered");
  const calls: RoomCalls = {
    attach: async () => ({
      ...{ session: first.session, secrets: { epoch: first.state.epoch, secret: new Uint8Array(32) } },
      ...{ state: { ...first.state, head: first.prev }, elsewhere: NOTHING_HERE },
      ...{ rules: new Room(roomOptions()).rules.snapshot(), events: [] as RoomEvent[], isContinued: true },
    }),
    ...{ submit: async () => true, report: async () => {}, head: never, history: never, search: never },
  };
  const relay = new Relay({
    ...{ name: "any-0", room: "bench", config: UNLIMITED, report, files: null, calls, saved: null },
    ...{ exported: (sink) => sink, save: () => {}, onChange: () => {}, now: Date.now },
  });
  await relay.attach();
  relay.step(Date.now());
  const peer = {
    send: () => {
      frames += 1;
    },
    ...{ close: () => {}, saveSession: () => {} },
    ...{ pingedAt: () => null, bufferedAmount: () => 0 },
  };
  for (let n = 0; n < connections; n += 1) {
    const connection = relay.audience.open({ ...peer }, SUBPROTOCOL, `network-${n}`, Date.now());
    relay.receive(connection, '{"type":"hello","name":"reader"}', Date.now());
  }
  relay.step(Date.now());
  return relay;
}

function roomOptions() {
  return {
    ...{ name: "bench", store: new NodeStore(), config: UNLIMITED, report, files: null },
    onFilesSent: () => {},
  };
}

/** Returns the fastest of some runs: other load on the machine only adds. */
async function fastest(relays: number, commands: number) {
  let best = await roundOf(relays, commands);
  for (let n = 0; n < 4; n += 1) {
    const next = await roundOf(relays, commands);
    if (next.us < best.us) best = next;
  }
  return best;
}

const alone = await fastest(1, COMMANDS);
const many = await fastest(RELAYS, COMMANDS);
const long = await fastest(1, 2 * COMMANDS);
const oneMore = (many.us - alone.us) / (RELAYS - 1);
console.log(`a command in the room: ${((long.us - alone.us) / COMMANDS).toFixed(1)} µs`);
console.log(`a delivery of ${COMMANDS} events to one more relay: ${oneMore.toFixed(1)} µs`);

globalThis.gc?.();
const heapBefore = process.memoryUsage().heapUsed;
const relay = await relayWith(CONNECTIONS, alone.deliveries);
globalThis.gc?.();
const heap = process.memoryUsage().heapUsed - heapBefore;
console.log(
  `a connection of ${relay.audience.online} in a relay: ${Math.round(heap / CONNECTIONS)} bytes of JavaScript heap`,
);

frames = 0;
relay.pacing.drained();
const before = process.cpuUsage();
let events = 0;
for (const delivery of alone.deliveries.slice(0, ROUNDS)) {
  relay.deliver(delivery);
  events += delivery.entries.length;
  relay.step(Date.now());
  relay.pacing.drained();
}
const { user, system } = process.cpuUsage(before);
const fanOut = (((user + system) / events) * COMMANDS) / 1_000;
console.log(
  `a fan-out of ${COMMANDS} events to ${relay.audience.size}: ${fanOut.toFixed(2)} ms of JavaScript, ${frames} frames`,
);
