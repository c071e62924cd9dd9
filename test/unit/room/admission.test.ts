import { expect, test } from "vitest";
import { CloseCode } from "../../../src/protocol/index.ts";
import { networkId } from "../../../src/room/identity.ts";
import { TestPeer, TestRoom } from "../../helpers/test-room.ts";

const MINUTE_MS = 60_000;

function open(room: TestRoom, mode: "plain" | "chat.v1", network: string): TestPeer {
  const peer = new TestPeer();
  peer.connection = room.audience.open(peer, mode, network, room.now);
  return peer;
}

test("rejects a connection above the limit of its network only", () => {
  const room = new TestRoom({ maxConnectionsPerAddress: 2 });
  const [first] = [open(room, "chat.v1", "a"), open(room, "chat.v1", "a")];
  expect(room.audience.admit("a", room.now)).toBe(CloseCode.AddressFull);
  expect(room.audience.admit("b", room.now)).toBeNull();
  expect(room.audience.admit(null, room.now)).toBeNull();
  room.close(first);
  expect(room.audience.admit("a", room.now)).toBeNull();
});

test("counts the connections of a network through a hibernation", () => {
  const room = new TestRoom({ maxConnectionsPerAddress: 1 });
  const peer = open(room, "chat.v1", "a");
  const { session } = peer;
  if (session === undefined) throw new Error("the session is not saved");
  room.crash();
  room.audience.restore(peer, session);
  expect(room.audience.admit("a", room.now)).toBe(CloseCode.AddressFull);
});

test("replaces the plain connection that was idle longest in a full room", () => {
  const room = new TestRoom({ maxConnections: 3 });
  const idle = open(room, "plain", "a");
  room.now += MINUTE_MS;
  const later = open(room, "plain", "b");
  const active = open(room, "chat.v1", "c");
  room.receive(active, { type: "hello" });
  expect(room.audience.admit("d", room.now)).toBe(CloseCode.RoomFull);
  room.now += 10 * MINUTE_MS;
  expect(room.audience.admit("d", room.now)).toBeNull();
  room.run();
  expect([idle, later, active].map(({ closedWith }) => closedWith)).toEqual([
    CloseCode.Stale,
    undefined,
    undefined,
  ]);
});

test("keeps a plain connection that sent something", () => {
  const room = new TestRoom({ maxConnections: 1 });
  const peer = open(room, "plain", "a");
  room.now += 20 * MINUTE_MS;
  room.receiveFrame(peer, "hi");
  expect(room.audience.admit("b", room.now)).toBe(CloseCode.RoomFull);
});

test("counts the connections of a network of an empty room after a hibernation", () => {
  const room = new TestRoom({ maxConnectionsPerAddress: 1 });
  const id = () => networkId(room.log.secrets.secret, "192.0.2.1");
  const peer = open(room, "chat.v1", id());
  const { session } = peer;
  if (session === undefined) throw new Error("the session was saved");
  room.crash();
  room.audience.restore(peer, session);
  expect(room.audience.admit(id(), room.now)).toBe(CloseCode.AddressFull);
});
