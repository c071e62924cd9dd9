import { expect, test } from "vitest";
import type { PresenceLine } from "../../../src/protocol/index.ts";
import { keyOf, roomOf, TestPeer, TestRoom } from "../../helpers/test-room.ts";

/** Returns the presence lines that `peer` received since the last call. */
const presenceLines = (peer: TestPeer): PresenceLine[] =>
  peer.takeLines().filter((line) => line.type === "presence");

test("sends a presence line when a user joins and when a user leaves", () => {
  const room = new TestRoom();
  const ann = room.join("Ann");
  room.advance(1_000);
  ann.take();
  const bob = room.join("Bob");
  room.advance(1_000);
  const user = bob.session?.user ?? "";
  expect(presenceLines(ann)).toEqual([{ type: "presence", online: 2, join: [{ user, name: "Bob" }] }]);
  room.close(bob);
  room.advance(6_000);
  expect(presenceLines(ann)).toEqual([{ type: "presence", online: 1, leave: [user] }]);
});

test("sends nothing when a user reloads or opens a second connection", () => {
  const { room, ann, bob } = roomOf(2);
  room.close(bob);
  room.advance(4_900);
  room.join("Bob");
  const second = room.join("Bob");
  room.advance(10_000);
  room.close(second);
  room.advance(10_000);
  expect(presenceLines(ann)).toEqual([]);
  expect(room.audience.online).toBe(2);
});

test("names a user who leaves and returns between two lines only as joined", () => {
  const { room, ann, bob } = roomOf(2);
  room.close(bob);
  room.advance(4_900);
  // The line of this join delays the next one by 200 ms.
  room.join("Cem");
  room.advance(100);
  room.join("Bob");
  room.advance(1_000);
  const [, line, ...others] = presenceLines(ann);
  expect(line).toMatchObject({ online: 3, join: [{ name: "Bob" }] });
  expect([line?.leave, others]).toEqual([undefined, []]);
});

test("combines a burst of joins into a few lines", () => {
  const { room, ann } = roomOf(2);
  for (let i = 0; i < 100; i += 1) {
    room.receive(room.open(), { type: "hello", name: `new-${i}` });
    room.advance(2);
  }
  room.advance(1_000);
  const lines = presenceLines(ann);
  expect(lines.length).toBeLessThanOrEqual(3);
  expect(lines.flatMap((line) => line.join ?? [])).toHaveLength(100);
});

test("sends counts every 2 s above 200 users, and all names again below", () => {
  const { room, ann, peers } = roomOf(201);
  for (let i = 0; i < 20; i += 1) {
    peers.push(room.join(`new-${i}`));
    room.advance(100);
  }
  const counts = presenceLines(ann);
  expect(counts.length).toBeLessThanOrEqual(2);
  for (const line of counts) expect(Object.keys(line).sort()).toEqual(["online", "type"]);
  const [welcome] = room.join("Cem").takeLines();
  expect(welcome).toMatchObject({ type: "welcome", online: 222, members: null });
  for (const peer of peers.slice(1, 151)) room.close(peer);
  room.advance(10_000);
  const named = presenceLines(ann).at(-1);
  expect(named?.online).toBe(72);
  expect(named?.join).toHaveLength(72);
});

test("sends counts less often in larger rooms: every 3 s with 3,000 users", () => {
  const room = new TestRoom();
  const ann = room.join("Ann");
  const plain = Array.from({ length: 3_000 }, () => room.open("plain"));
  room.advance(4_000);
  ann.take();
  for (const peer of plain.slice(0, 60)) {
    room.close(peer);
    room.advance(100);
  }
  expect(presenceLines(ann)).toHaveLength(2);
});

test("sends all names to a user who joined while there were too many to list", () => {
  const room = new TestRoom();
  for (let i = 0; i < 199; i += 1) room.receive(room.open(), { type: "hello", name: `guest-${i}` });
  const plain = [room.open("plain"), room.open("plain")];
  const ann = room.join("Ann");
  expect(ann.takeLines()).toContainEqual(expect.objectContaining({ type: "welcome", members: null }));
  for (const peer of plain) room.close(peer);
  room.advance(5_000);
  const named = presenceLines(ann).at(-1);
  expect(named).toMatchObject({ online: 200 });
  expect(named?.join).toHaveLength(200);
});

test("keeps a user's name when another connection of the user brings none", () => {
  const room = new TestRoom();
  const key = "a-key-that-only-ann-has";
  room.join("Ann", { key });
  const second = room.open();
  room.receive(second, { type: "hello", key });
  room.run();
  expect(second.takeLines()[0]).toMatchObject({ type: "welcome", you: { name: "Ann" } });
});

test("gives all connections of a user the name of the newest hello", () => {
  const { room, ann, bob } = roomOf(2);
  room.join("Robert", { key: keyOf("Bob") });
  room.exchange(bob, { type: "send", id: "a", text: "hi" });
  expect(ann.takeLines()).toContainEqual(expect.objectContaining({ type: "message", name: "Robert" }));
  expect(room.audience.online).toBe(2);
});

test("restoring a connection whose close woke the room keeps other changes pending", () => {
  const { room, ann } = roomOf(4);
  room.advance(10_000);
  ann.take();
  const plain = [room.open("plain"), room.open("plain")];
  room.advance(1_000);
  ann.take();
  const sessions = plain.map(({ session }) => session);
  for (const peer of plain) room.close(peer);
  for (const session of sessions) {
    if (session === undefined) throw new Error("the session was saved");
    const peer = new TestPeer();
    peer.connection = room.audience.restore(peer, session);
    room.close(peer);
  }
  room.advance(1_000);
  const left = presenceLines(ann).flatMap(({ leave = [] }) => leave);
  expect(new Set(left)).toEqual(new Set(sessions.map((session) => session?.user)));
});

test("names all users once they can be listed again, also after a hibernation", () => {
  const room = new TestRoom();
  const peers = Array.from({ length: 251 }, (_, i) => room.join(`U${i}`));
  const [ann] = peers;
  if (ann === undefined) throw new Error("there is a peer");
  room.advance(10_000);
  room.hibernate();
  ann.take();
  for (const peer of peers.slice(100)) room.close(peer);
  room.advance(20_000);
  const named = presenceLines(ann).flatMap(({ join = [] }) => join);
  expect(named).toHaveLength(100);
});
