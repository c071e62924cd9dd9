// Connections move between a room and its relays as the room grows and shrinks.
import { expect, test } from "vitest";
import { Client, RelayWorld } from "../../helpers/relay-world.ts";

const RELAYS = ["any-0", "any-1"];

/** Connects a new client for each of the places. */
async function connectAll(world: RelayWorld, places: readonly string[]): Promise<Client[]> {
  const clients = places.map((_, n) => new Client(world, `client-${n}`));
  for (const [n, client] of clients.entries())
    for (let i = 0; i < 5 && !client.isConnected; i += 1) {
      await world.connect(client, places[n] ?? "");
      await world.arrive();
    }
  // Relays report their connections once a second.
  await world.wait(1_000);
  await world.arrive();
  return clients;
}

test("a room leaves its own connections to its relays once it has three times as many as it serves", async () => {
  const world = new RelayWorld(RELAYS, { relayAfter: 1 });
  const clients = await connectAll(world, ["room", "any-0", "any-0", "any-1"]);
  const [first] = clients;
  expect(clients.map(({ isConnected }) => isConnected)).toEqual([false, true, true, true]);

  // It resumes in a relay, and nothing is lost.
  clients[1]?.say("while you were away");
  await world.settle();
  await world.arrive();
  if (first !== undefined) await world.connect(first, "any-1");
  first?.say("back");
  await world.settle();
  await world.arrive();
  expect([...(first?.received.values() ?? [])]).toEqual(["client-1: while you were away", "client-0: back"]);
  await world.wait(1_000);
  await world.arrive();
  expect(clients.every(({ isConnected }) => isConnected)).toBe(true);
});

test("a room with fewer connections keeps its own", async () => {
  const world = new RelayWorld(RELAYS, { relayAfter: 2 });
  const clients = await connectAll(world, ["room", "any-0", "any-0"]);
  await world.wait(5_000);
  await world.arrive();
  expect(clients.every(({ isConnected }) => isConnected)).toBe(true);
});

test("the relays of a room that has been small for a minute are emptied and forgotten", async () => {
  const world = new RelayWorld(RELAYS, { relayAfter: 6 });
  const [inRoom, inRelay] = await connectAll(world, ["room", "any-0"]);
  expect(world.saved).toEqual(["any-0"]);
  // Events keep the session open, and wake a room that would rest.
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i += 5) {
      await world.wait(5_000);
      await world.arrive();
    }
  };
  await pass(50);
  expect(inRelay?.isConnected).toBe(true);
  inRoom?.say("still here");
  await pass(20);
  expect(inRelay?.isConnected).toBe(false);

  if (inRelay !== undefined) await world.connect(inRelay, "room");
  await world.arrive();
  expect([...(inRelay?.received.values() ?? [])]).toEqual(["client-0: still here"]);
  await pass(70);
  // The room forgets the relay with its next event: until then it may rest.
  inRoom?.say("later");
  await pass(5);
  expect(world.saved).toEqual([]);
  expect(inRoom?.isConnected && inRelay?.isConnected).toBe(true);
});
