// Rooms with owners: claiming, roles, and what they allow, as clients see it.
import { describe, expect, test } from "vitest";
import { type ClientLine, CloseCode, MAX_WAITING, type ServerLine } from "../../../src/protocol/index.ts";
import { NOTHING_HERE } from "../../../src/room/elsewhere.ts";
import { keyOf, OWNER_SECRET, ownedRoom, type TestPeer, TestRoom } from "../../helpers/test-room.ts";

const OTHER_SECRET = "s".repeat(43);

/** Returns the lines of one type. */
function linesOf<T extends ServerLine["type"]>(lines: readonly ServerLine[], type: T) {
  return lines.filter((line): line is Extract<ServerLine, { type: T }> => line.type === type);
}

/** Returns what a hello is answered with: the role, or the cause of an error and the close code. */
function entryOf(peer: TestPeer): string {
  const lines = peer.takeLines();
  const causes = linesOf(lines, "error").map(({ cause, code }) => cause ?? code);
  const [welcome] = linesOf(lines, "welcome");
  const waits = linesOf(lines, "outside").some((line) => line.waits);
  return [...causes, welcome && (welcome.role ?? "no owner"), waits && "waits", peer.closedWith]
    .filter((part) => part !== undefined && part !== false)
    .join(" ");
}

/** Returns `ok`, or the code and cause with which a command is rejected. */
function resultOf(room: TestRoom, peer: TestPeer, command: ClientLine): string {
  const answer = room.exchange(peer, command).find(({ type }) => type === "ok" || type === "error");
  if (answer?.type === "ok") return "ok";
  return answer?.type === "error" ? [answer.code, answer.cause].filter(Boolean).join(" ") : "no answer";
}

describe("claiming", () => {
  test("creates a room whose first event tells the claim, with the owner's settings", () => {
    const room = new TestRoom();
    const ann = room.join("Ann", { owner: OWNER_SECRET, claim: { title: "Tea", entry: "knock" } });
    const [welcome] = linesOf(ann.takeLines(), "welcome");
    expect(welcome).toMatchObject({
      seq: 1,
      role: "owner",
      state: { title: "Tea", entry: "knock", owned: true, staff: [{ name: "Ann", role: "owner" }] },
      events: [{ type: "claim", seq: 1, name: "Ann", title: "Tea", entry: "knock" }],
    });
    expect(JSON.stringify(room.store.table("meta"))).not.toContain(OWNER_SECRET);
  });

  test("handles the commands after such a hello in the same frame after the welcome", () => {
    const room = new TestRoom();
    const ann = room.open();
    room.receive(
      ann,
      { type: "hello", key: keyOf("Ann"), owner: OWNER_SECRET, claim: {} },
      { type: "send", id: "a", text: "first" },
    );
    for (let i = 0; i < 4; i += 1) room.run();
    expect(ann.takeLines().map(({ type }) => type)).toEqual(["welcome", "ok", "message", "presence"]);
  });

  test("gives a room to one of two who claim it at once, and tells the other", () => {
    const room = new TestRoom();
    const [ann, bob] = [room.open(), room.open()];
    room.receive(ann, { type: "hello", key: keyOf("Ann"), owner: OWNER_SECRET, claim: {} });
    room.receive(bob, { type: "hello", key: keyOf("Bob"), owner: OTHER_SECRET, claim: {} });
    room.run();
    room.run();
    expect([entryOf(ann), entryOf(bob)]).toEqual(["owner", "claimed member"]);
  });

  test("is refused in a room with events, and in the lobby", () => {
    const room = new TestRoom();
    room.exchange(room.join("Bob"), { type: "send", id: "b", text: "hi" });
    expect(entryOf(room.join("Ann", { owner: OWNER_SECRET, claim: {} }))).toBe("claimed no owner");
    const lobby = new TestRoom({}, "lobby");
    expect(entryOf(lobby.join("Ann", { owner: OWNER_SECRET, claim: {} }))).toBe("claimed no owner");
  });

  test("makes whoever has the owner's secret an owner, once and for later connections", () => {
    const { room } = ownedRoom();
    expect(entryOf(room.join("Phone", { owner: OWNER_SECRET }))).toBe("owner");
    const { head } = room.log;
    expect(entryOf(room.join("Phone", { owner: OWNER_SECRET }))).toBe("owner");
    expect(entryOf(room.join("Phone"))).toBe("owner");
    expect(room.log.head).toBe(head);
    expect(entryOf(room.join("Thief", { owner: OTHER_SECRET }))).toBe("owner_secret member");
  });

  test("a claim of a room that exists, with its secret, makes its sender an owner and changes nothing else", () => {
    const { room } = ownedRoom({ title: "Tea" });
    const again = room.join("Phone", { owner: OWNER_SECRET, claim: { title: "Coffee", entry: "knock" } });
    const [welcome] = linesOf(again.takeLines(), "welcome");
    expect(welcome).toMatchObject({ role: "owner", state: { title: "Tea", entry: "open" } });
    expect(welcome?.events.at(-1)).not.toHaveProperty("title");
  });

  test("with a new owner link, the old one and the other owners end", () => {
    const { room, ann, bob } = ownedRoom();
    const phone = room.join("Phone", { owner: OWNER_SECRET });
    phone.take();
    expect(resultOf(room, ann, { type: "owner", id: "o", secret: OTHER_SECRET })).toBe("ok");
    expect(linesOf(phone.takeLines(), "state")).toMatchObject([{ role: "member" }]);
    expect(entryOf(room.join("Cem", { owner: OWNER_SECRET }))).toBe("owner_secret member");
    expect(entryOf(room.join("Tablet", { owner: OTHER_SECRET }))).toBe("owner");
    expect(bob.take().join()).not.toContain(OTHER_SECRET);
  });

  test("a deployer's secret owns every room, the lobby too", () => {
    const lobby = new TestRoom({ adminKey: OTHER_SECRET }, "lobby");
    lobby.exchange(lobby.join("Bob"), { type: "send", id: "b", text: "hi" });
    const admin = lobby.join("Admin", { owner: OTHER_SECRET });
    expect(entryOf(admin)).toBe("owner");
    expect(resultOf(lobby, admin, { type: "settings", id: "s", readOnly: true })).toBe("ok");
    const { room } = ownedRoom({}, { adminKey: OTHER_SECRET });
    expect(entryOf(room.join("Admin", { owner: OTHER_SECRET }))).toBe("owner");
  });
});

describe("moderation", () => {
  test("a mute ends sending at once, tells who and until when, and ends by time", () => {
    const { room, max, bob } = ownedRoom();
    const member = room.userOf(bob);
    expect(resultOf(room, max, { type: "mute", id: "m", member, duration: 60_000, reason: "caps" })).toBe(
      "ok",
    );
    const lines = bob.takeLines();
    expect(lines).toContainEqual(
      expect.objectContaining({ type: "mute", member, memberName: "Bob", duration: 60_000, reason: "caps" }),
    );
    const until = room.now + 60_000;
    expect(linesOf(lines, "state")).toMatchObject([{ role: "member", muted: { until, reason: "caps" } }]);
    const [error] = linesOf(room.exchange(bob, { type: "send", id: "a", text: "HI" }), "error");
    expect(error).toMatchObject({ code: "forbidden", cause: "muted", until, reason: "caps" });
    expect(resultOf(room, bob, { type: "rename", id: "r", name: "Bobby" })).toBe("forbidden muted");
    room.now = until;
    expect(resultOf(room, bob, { type: "send", id: "b", text: "hi" })).toBe("ok");
  });

  test("a mute is lifted with a duration of 0", () => {
    const { room, max, bob } = ownedRoom();
    const member = room.userOf(bob);
    room.exchange(max, { type: "mute", id: "m", member });
    expect(resultOf(room, bob, { type: "send", id: "a", text: "hi" })).toBe("forbidden muted");
    room.exchange(max, { type: "mute", id: "u", member, duration: 0 });
    expect(resultOf(room, bob, { type: "send", id: "b", text: "hi" })).toBe("ok");
    expect(room.store.table("people")).toHaveLength(2);
  });

  test("only moderators see who is muted and banned", () => {
    const { room, ann, max, bob } = ownedRoom();
    const member = room.userOf(bob);
    room.exchange(max, { type: "mute", id: "m", member });
    expect(linesOf(ann.takeLines(), "state")).toMatchObject([
      { restricted: [{ user: member, name: "Bob" }] },
    ]);
    expect(linesOf(bob.takeLines(), "state")[0]?.restricted).toBeUndefined();
  });

  test("a ban disconnects the user at once and refuses a return, until it ends", () => {
    const { room, max, bob } = ownedRoom();
    const member = room.userOf(bob);
    room.exchange(max, { type: "ban", id: "b", member, duration: 1_000, reason: "spam" });
    expect(bob.closedWith).toBe(CloseCode.Banned);
    expect(linesOf(bob.takeLines(), "error")).toMatchObject([
      { cause: "banned", until: room.now + 1_000, reason: "spam" },
    ]);
    expect(entryOf(room.join("Bob"))).toBe(`banned ${CloseCode.Banned}`);
    room.now += 1_000;
    expect(entryOf(room.join("Bob"))).toBe("member");
  });

  test("a ban that is lifted in the same flush leaves the user connected and present", () => {
    const { room, ann, max, bob } = ownedRoom();
    const member = room.userOf(bob);
    room.receive(max, { type: "ban", id: "b", member }, { type: "ban", id: "u", member, duration: 0 });
    room.run();
    room.advance(10_000);
    expect(bob.closedWith).toBeUndefined();
    expect(room.audience.isPresent(member)).toBe(true);
    room.exchange(ann, { type: "settings", id: "l", locked: true });
    expect(entryOf(room.join("Bob"))).toBe("member");
  });

  test("a ban of a network stops a new identity from it for a day, but no moderator and no other network", () => {
    const { room, max } = ownedRoom();
    const troll = room.join("Troll", {}, "net-1");
    room.exchange(max, { type: "ban", id: "b", member: room.userOf(troll), network: true });
    expect(entryOf(room.join("Troll2", {}, "net-1"))).toBe(`banned ${CloseCode.Banned}`);
    expect(entryOf(room.join("Max", {}, "net-1"))).toBe("moderator");
    expect(entryOf(room.join("Cem", {}, "net-2"))).toBe("member");
    room.now += 24 * 3_600_000;
    expect(entryOf(room.join("Troll2", {}, "net-1"))).toBe("member");
    expect(entryOf(room.join("Troll", {}, "net-2"))).toBe(`banned ${CloseCode.Banned}`);
  });

  test("no line contains a network", () => {
    const { room, ann, max } = ownedRoom();
    const troll = room.join("Troll", {}, "net-secret");
    room.exchange(max, { type: "ban", id: "b", member: room.userOf(troll), network: true });
    const joined = room.join("Ann");
    expect([ann, max, troll, joined].flatMap((peer) => peer.take()).join()).not.toContain("net-secret");
  });

  test("a removed user is gone at once and may return, but has to knock again", () => {
    const { room, ann, max, bob } = ownedRoom();
    room.exchange(ann, { type: "settings", id: "k", entry: "knock" });
    expect(entryOf(room.join("Bob"))).toBe("member");
    room.exchange(max, { type: "remove", id: "r", member: room.userOf(bob), reason: "calm down" });
    expect(bob.closedWith).toBe(CloseCode.Removed);
    expect(linesOf(bob.takeLines(), "error")).toMatchObject([{ cause: "removed", reason: "calm down" }]);
    expect(entryOf(room.join("Bob"))).toBe("waits");
  });

  test("a removed user whom another object still lists has to knock again", () => {
    const { room, ann, max, bob } = ownedRoom();
    room.exchange(ann, { type: "settings", id: "k", entry: "knock" });
    const user = room.userOf(bob);
    room.exchange(max, { type: "remove", id: "r", member: user });
    room.audience.elsewhere = { ...NOTHING_HERE, online: 1, members: [{ user, name: "Bob" }] };
    expect(entryOf(room.join("Bob"))).toBe("waits");
  });

  test("a moderator's deletion is marked, and unpins the message", () => {
    const { room, ann, max, bob } = ownedRoom();
    room.exchange(bob, { type: "send", id: "a", text: "bad" });
    const seq = room.log.head;
    expect(resultOf(room, max, { type: "pin", id: "p", target: seq, on: true })).toBe("ok");
    expect(linesOf(bob.takeLines(), "state")).toMatchObject([{ state: { pinned: seq } }]);
    room.exchange(max, { type: "delete", id: "d", target: seq });
    expect(linesOf(bob.takeLines(), "state")[0]?.state?.pinned).toBeUndefined();
    room.hibernate();
    expect(
      linesOf(room.exchange(ann, { type: "history", id: "h", before: seq + 1, limit: 1 }), "history"),
    ).toMatchObject([{ events: [{ seq, text: "", deleted: true, moderated: true }] }]);
  });

  test("a deletion of an own message is not marked", () => {
    const { room, bob } = ownedRoom();
    room.exchange(bob, { type: "send", id: "a", text: "typo" });
    room.exchange(bob, { type: "delete", id: "d", target: room.log.head });
    expect(room.log.find(room.log.head - 1)).not.toHaveProperty("moderated");
  });
});

describe("entering", () => {
  test("who knocks waits without a line of the room, and is let in by a moderator who may have reloaded", () => {
    const { room, ann, max } = ownedRoom({ entry: "knock" });
    const cem = room.join("Cem");
    expect(cem.takeLines()).toMatchObject([
      { type: "outside", waits: true, you: { name: "Cem" }, teaser: { entry: "knock" } },
    ]);
    room.advance(1_000);
    expect(linesOf(max.takeLines(), "knocks")).toMatchObject([{ waiting: [{ name: "Cem" }] }]);
    room.exchange(ann, { type: "send", id: "a", text: "secret plans" });
    expect(resultOf(room, cem, { type: "send", id: "c", text: "hello?" })).toBe("forbidden waiting");
    room.close(max);
    const back = room.join("Max");
    expect(linesOf(back.takeLines(), "welcome")).toMatchObject([
      { role: "moderator", waiting: [{ name: "Cem" }] },
    ]);
    expect(cem.take()).toEqual([]);
    expect(resultOf(room, back, { type: "admit", id: "y", member: room.userOf(cem), on: true })).toBe("ok");
    room.run();
    expect(entryOf(cem)).toBe("member");
    room.advance(1_000);
    expect(linesOf(back.takeLines(), "knocks")).toMatchObject([{ waiting: [] }]);
    room.close(cem);
    room.advance(60_000);
    expect(entryOf(room.join("Cem"))).toBe("member");
  });

  test("who is refused is told so, and may knock again", () => {
    const { room, max } = ownedRoom({ entry: "knock" });
    const cem = room.join("Cem");
    cem.take();
    room.exchange(max, { type: "admit", id: "n", member: room.userOf(cem), on: false });
    expect(entryOf(cem)).toBe(`not_admitted ${CloseCode.NotAdmitted}`);
    expect(entryOf(room.join("Cem"))).toBe("waits");
  });

  test("is told why if too many people wait", () => {
    const { room } = ownedRoom({ entry: "knock" });
    for (let i = 0; i < MAX_WAITING; i += 1) room.join(`guest-${i}`);
    const late = room.join("Late");
    expect(late.takeLines()).toMatchObject([
      { type: "outside", you: { name: "Late" }, waits: false },
      { type: "error", code: "rate_limited" },
    ]);
    expect(late.closedWith).toBe(CloseCode.TooManyWaiting);
  });

  test("the end of knocking lets everyone in who waits", () => {
    const { room, ann } = ownedRoom({ entry: "knock" });
    const cem = room.join("Cem");
    cem.take();
    room.exchange(ann, { type: "settings", id: "o", entry: "open" });
    room.run();
    expect(entryOf(cem)).toBe("member");
  });

  test("those inside stay inside when knocking begins or the room is locked", () => {
    const { room, ann } = ownedRoom();
    room.exchange(ann, { type: "settings", id: "k", locked: true });
    room.hibernate();
    for (const name of ["Ann", "Max", "Bob"]) expect(entryOf(room.join(name))).not.toContain("locked");
    expect(entryOf(room.join("Cem"))).toBe(`locked ${CloseCode.Locked}`);
    room.crash();
    expect(entryOf(room.join("Bob"))).toBe("member");
    expect(entryOf(room.join("Cem"))).toBe(`locked ${CloseCode.Locked}`);
  });

  test("a waiting connection survives a hibernation and is let in after it", () => {
    const { room, max } = ownedRoom({ entry: "knock" });
    const cem = room.join("Cem");
    cem.take();
    room.hibernate();
    room.exchange(max, { type: "admit", id: "y", member: room.userOf(cem), on: true });
    room.run();
    expect(entryOf(cem)).toBe("member");
  });

  test("a closed room disconnects everyone but the owner, who can open it again", () => {
    const { room, ann, max, bob } = ownedRoom();
    room.exchange(ann, { type: "settings", id: "c", closed: true });
    expect([max.closedWith, bob.closedWith]).toEqual([CloseCode.Closed, CloseCode.Closed]);
    expect(ann.closedWith).toBeUndefined();
    expect(entryOf(room.join("Max"))).toBe(`closed ${CloseCode.Closed}`);
    room.crash();
    const owner = room.join("Ann");
    expect(entryOf(owner)).toBe("owner");
    room.exchange(owner, { type: "settings", id: "o", closed: false });
    expect(entryOf(room.join("Bob"))).toBe("member");
  });

  test("a wipe starts a new log for everyone, with roles, bans and settings kept", () => {
    const { room, ann, bob } = ownedRoom({ title: "Tea", slowMode: 1_000 });
    room.exchange(bob, { type: "send", id: "a", text: "old news" });
    room.exchange(ann, { type: "pin", id: "p", target: room.log.head, on: true });
    const { epoch } = room.log;
    room.receive(bob, { type: "react", id: "x", target: room.log.head - 1, emoji: "👍", on: true });
    expect(resultOf(room, ann, { type: "wipe", id: "w" })).toBe("ok");
    expect([ann.closedWith, bob.closedWith]).toEqual([CloseCode.NewEpoch, CloseCode.NewEpoch]);
    expect(JSON.stringify(room.store.table("messages"))).not.toContain("old news");
    const again = room.join("Bob", { resume: { epoch, seq: 3 } });
    const [welcome] = linesOf(again.takeLines(), "welcome");
    expect(welcome).toMatchObject({
      resumed: false,
      seq: 1,
      events: [{ type: "wipe", seq: 1, name: "Ann" }],
      you: { user: room.userOf(bob) },
      state: { title: "Tea", slowMode: 1_000, owned: true },
    });
    expect(welcome?.epoch).not.toBe(epoch);
    expect(welcome?.state?.pinned).toBeUndefined();
    room.crash();
    expect(entryOf(room.join("Ann"))).toBe("owner");
  });
});

describe("passwords", () => {
  const PROOF = "p".repeat(43);
  const newPassword = { salt: "c".repeat(22), iterations: 600_000, proof: PROOF };

  test("let in who has the proof, and tell others how to derive it", () => {
    const { room } = ownedRoom({ entry: "password", newPassword });
    const cem = room.join("Cem");
    const [outside] = linesOf(cem.takeLines(), "outside");
    expect(outside?.teaser.password).toEqual({ salt: newPassword.salt, iterations: 600_000 });
    expect(cem.closedWith).toBe(CloseCode.WrongPassword);
    expect(entryOf(room.join("Cem", { password: "x".repeat(43) }))).toBe(
      `password ${CloseCode.WrongPassword}`,
    );
    expect(entryOf(room.join("Cem", { password: PROOF }))).toBe("member");
    expect(JSON.stringify([room.store.table("meta"), room.store.table("messages")])).not.toContain(PROOF);
  });

  test("after five wrong ones a minute even the right one has to wait, for its user and network alone", () => {
    const { room } = ownedRoom({ entry: "password", newPassword });
    const guess = (name: string, network: string, password: string) =>
      entryOf(room.join(name, { password }, network));
    for (let i = 0; i < 5; i += 1) {
      const proof = `${i}`.padEnd(43, "w");
      expect(guess(`Guesser${i}`, "net-1", proof)).toBe(`password ${CloseCode.WrongPassword}`);
    }
    const [error] = linesOf(room.join("Cem", { password: PROOF }, "net-1").takeLines(), "error");
    expect(error).toMatchObject({ code: "rate_limited", cause: "password", retryAfter: 12_000 });
    expect(guess("Dan", "net-2", PROOF)).toBe("member");
    room.now += 12_000;
    expect(guess("Cem", "net-1", PROOF)).toBe("member");
  });

  test("cannot be asked for before there is one", () => {
    const { room, ann } = ownedRoom();
    expect(resultOf(room, ann, { type: "settings", id: "s", entry: "password" })).toBe("bad_request");
  });
});

describe("slow mode", () => {
  test("lets a member write once in its time, also after a hibernation, and moderators always", () => {
    const { room, max, bob } = ownedRoom({ slowMode: 30_000 });
    room.advance(30_000);
    expect(resultOf(room, bob, { type: "send", id: "1", text: "one" })).toBe("ok");
    room.now += 10_000;
    const [error] = linesOf(room.exchange(bob, { type: "send", id: "2", text: "two" }), "error");
    expect(error).toMatchObject({ code: "forbidden", cause: "slow_mode", retryAfter: 20_000 });
    room.hibernate();
    expect(resultOf(room, bob, { type: "send", id: "3", text: "three" })).toBe("forbidden slow_mode");
    for (const id of ["m1", "m2"]) expect(resultOf(room, max, { type: "send", id, text: "hi" })).toBe("ok");
    room.now += 20_000;
    expect(resultOf(room, bob, { type: "send", id: "2", text: "two" })).toBe("ok");
  });

  test("a new identity waits first, and so gains nothing", () => {
    const { room } = ownedRoom({ slowMode: 30_000 });
    const troll = room.join("Troll");
    expect(resultOf(room, troll, { type: "send", id: "1", text: "spam" })).toBe("forbidden slow_mode");
    room.now += 30_000;
    expect(resultOf(room, troll, { type: "send", id: "2", text: "spam" })).toBe("ok");
  });
});

describe("plain mode", () => {
  test("waits to be let in as others do", () => {
    const { room, max } = ownedRoom({ entry: "knock" });
    const plain = room.open("plain");
    room.run();
    expect(plain.take()).toEqual(["* waiting to be let in"]);
    room.receiveFrame(plain, "hello?");
    room.run();
    expect(plain.take()).toEqual(["* a moderator has to let you in first"]);
    room.exchange(max, { type: "admit", id: "y", member: room.userOf(plain), on: true });
    room.run();
    room.receiveFrame(plain, "thanks");
    room.run();
    expect(plain.take()).toEqual(["thanks"]);
  });

  test("is refused with the reason in words", () => {
    const { room } = ownedRoom({ locked: true });
    const plain = room.open("plain");
    room.run();
    expect(plain.take()).toEqual(["* the room is locked: nobody new may enter"]);
    expect(plain.closedWith).toBe(CloseCode.Locked);
  });
});
