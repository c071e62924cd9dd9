// Rooms with owners: several commands in one transaction, and transactions that fail.
import { expect, test } from "vitest";
import { CloseCode, type ServerLine } from "../../../src/protocol/index.ts";
import { keyOf, OWNER_SECRET, ownedRoom, type TestPeer, TestRoom } from "../../helpers/test-room.ts";

/** Returns the last `state` or `welcome` line that a peer received since the last call. */
function toldTo(peer: TestPeer): Extract<ServerLine, { type: "welcome" | "state" }> | undefined {
  return peer.takeLines().findLast((line) => line.type === "welcome" || line.type === "state");
}

test("a claim whose transaction fails leaves a room that anyone can claim", () => {
  const room = new TestRoom();
  const ann = room.open();
  room.receive(ann, { type: "hello", key: keyOf("Ann"), owner: OWNER_SECRET, claim: { title: "Tea" } });
  room.store.fault = (query) => {
    if (query === "COMMIT") throw new Error("disk full");
  };
  room.run();
  room.store.fault = undefined;
  room.run();
  const lines = ann.takeLines();
  expect(lines).toContainEqual(expect.objectContaining({ type: "error", code: "internal" }));
  expect(lines.find(({ type }) => type === "welcome")).not.toHaveProperty("state");
  const bob = room.join("Bob", { owner: "s".repeat(43), claim: {} });
  expect(toldTo(bob)).toMatchObject({ role: "owner", state: { owned: true } });
});

test("unpinning a message that is not pinned leaves the pinned one", () => {
  const { room, ann, max, bob } = ownedRoom();
  room.exchange(bob, { type: "send", id: "1", text: "one" }, { type: "send", id: "2", text: "two" });
  const seq = room.log.head;
  room.exchange(ann, { type: "pin", id: "p", target: seq, on: true });
  room.exchange(max, { type: "pin", id: "u", target: seq - 1, on: false });
  expect(toldTo(bob)?.state?.pinned).toBe(seq);
  room.exchange(max, { type: "pin", id: "v", target: seq, on: false });
  expect(toldTo(bob)?.state?.pinned).toBeUndefined();
});

test("whoever is removed and then locked out in one frame is not inside", () => {
  const { room, ann, bob } = ownedRoom();
  const member = room.userOf(bob);
  room.exchange(ann, { type: "remove", id: "r", member }, { type: "settings", id: "l", locked: true });
  expect(bob.closedWith).toBe(CloseCode.Removed);
  expect(room.join("Bob").closedWith).toBe(CloseCode.Locked);
});

test("a user who joins between the command and its commit is inside the locked room", () => {
  const { room, ann } = ownedRoom();
  room.receive(ann, { type: "settings", id: "l", locked: true });
  const cem = room.open();
  room.receive(cem, { type: "hello", key: keyOf("Cem") });
  room.run();
  room.close(cem);
  room.advance(60_000);
  expect(toldTo(room.join("Cem"))).toMatchObject({ type: "welcome" });
});

test("what moderators do before a wipe in the same transaction has its effects", () => {
  const { room, ann, max, bob } = ownedRoom();
  room.exchange(ann, { type: "settings", id: "k", entry: "knock" });
  const cem = room.join("Cem");
  room.advance(1_000);
  room.receive(
    max,
    { type: "remove", id: "r", member: room.userOf(bob) },
    { type: "admit", id: "n", member: room.userOf(cem), on: false },
  );
  room.exchange(ann, { type: "settings", id: "t", title: "Tea" }, { type: "wipe", id: "w" });
  expect(cem.closedWith).toBe(CloseCode.NotAdmitted);
  expect(room.join("Bob").takeLines()).toContainEqual(
    expect.objectContaining({ type: "outside", waits: true }),
  );
  const back = toldTo(room.join("Ann"));
  expect(back).toMatchObject({ state: { title: "Tea" }, events: [{ type: "wipe", seq: 1 }] });
});

test("everyone is told when a ban ends the role of a moderator", () => {
  const { room, ann, max, bob } = ownedRoom();
  room.exchange(ann, { type: "ban", id: "b", member: room.userOf(max) });
  expect(toldTo(bob)?.state?.staff).toMatchObject([{ name: "Ann", role: "owner" }]);
});

test("owners who end with a new owner secret leave a closed room", () => {
  const { room, ann } = ownedRoom({ closed: true });
  const phone = room.join("Phone", { owner: OWNER_SECRET });
  room.exchange(ann, { type: "owner", id: "o", secret: "s".repeat(43) });
  expect(phone.closedWith).toBe(CloseCode.Closed);
});

test("a wipe whose transaction fails forgets no command", () => {
  const { room, ann, bob } = ownedRoom({}, { historyLimit: 3 });
  for (let n = 0; n < 6; n += 1) room.exchange(bob, { type: "send", id: `${n}`, text: `${n}` });
  room.store.fault = (query) => {
    if (query === "COMMIT") throw new Error("disk full");
  };
  room.exchange(ann, { type: "wipe", id: "w" });
  room.store.fault = undefined;
  expect(room.exchange(bob, { type: "send", id: "0", text: "other" })).toMatchObject([
    { type: "error", id: "0", code: "conflict" },
  ]);
  expect(ann.closedWith).toBeUndefined();
});
