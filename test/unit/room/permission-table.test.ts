// Who may enter and who may do what: one table for each, asked through every way to reach a room.
import { describe, expect, test } from "vitest";
import type { ClientLine } from "../../../src/protocol/index.ts";
import { networkId } from "../../../src/room/identity.ts";
import { keyOf, ownedRoom, type TestPeer, TestRoom } from "../../helpers/test-room.ts";

const PROOF = "p".repeat(43);
const newPassword = { salt: "c".repeat(22), iterations: 600_000, proof: PROOF };
const NETWORK = "10.0.0.1";

type Owned = ReturnType<typeof ownedRoom>;
type Setting = Omit<Extract<ClientLine, { type: "settings" }>, "type" | "id">;

/** Settings by name, set while Ann, Max and Bob are in the room; then everyone leaves. */
const SETTINGS: Record<string, Setting> = {
  open: {},
  knock: { entry: "knock" },
  password: { entry: "password", newPassword },
  locked: { locked: true },
  closed: { closed: true },
};

/** Visitors: the name, the password, and whether they are on the banned network. */
const VISITORS: Record<string, { name: string | null; password?: string; network?: string }> = {
  owner: { name: "Ann" },
  "owner, network": { name: "Ann", network: NETWORK },
  moderator: { name: "Max" },
  "moderator, network": { name: "Max", network: NETWORK },
  insider: { name: "Bob" },
  outsider: { name: "Cem" },
  "with password": { name: "Dan", password: PROOF },
  "wrong password": { name: "Eve", password: "w".repeat(43) },
  banned: { name: "Troll" },
  "banned network": { name: "Troll2", network: NETWORK },
  anonymous: { name: null },
};

/** What each visitor meets with each setting: `in`, `waits` or the cause. */
const ENTRY: readonly [visitor: string, ...results: string[]][] = [
  ["", "open", "knock", "password", "locked", "closed"],
  ["owner", "in", "in", "in", "in", "in"],
  ["owner, network", "in", "in", "in", "in", "in"],
  ["moderator", "in", "in", "in", "in", "closed"],
  ["moderator, network", "in", "in", "in", "in", "closed"],
  ["insider", "in", "in", "password", "in", "closed"],
  ["outsider", "in", "waits", "password", "locked", "closed"],
  ["with password", "in", "waits", "in", "locked", "closed"],
  ["wrong password", "in", "waits", "password", "locked", "closed"],
  ["banned", "banned", "banned", "banned", "banned", "banned"],
  ["banned network", "banned", "banned", "banned", "banned", "banned"],
  ["anonymous", "in", "waits", "password", "locked", "closed"],
];

/** Returns a room with a setting, with a banned user and a banned network, that everyone has left. */
function roomWith(setting: Setting): TestRoom {
  const { room, ann, max, bob }: Owned = ownedRoom();
  const network = networkId(room.log.secrets.secret, NETWORK);
  const [troll, other] = [room.join("Troll"), room.join("Other", {}, network)];
  for (const peer of [troll, other]) {
    const member = room.userOf(peer);
    room.exchange(max, {
      type: "ban",
      id: `ban-${member}`,
      member,
      ...(peer === other && { network: true }),
    });
  }
  room.exchange(ann, { type: "settings", id: "setting", ...setting });
  for (const peer of [ann, max, bob]) room.close(peer);
  room.advance(10_000);
  return room;
}

/** Ways to reach a room. Each returns `in`, `waits` or the cause, and `null` if the visitor cannot use it. */
const DOORS: Record<string, (room: TestRoom, visitor: (typeof VISITORS)[string]) => string | null> = {
  "chat.v1": (room, { name, password, network }) => {
    const id = network === undefined ? null : networkId(room.log.secrets.secret, network);
    const peer = room.open("chat.v1", id);
    const secrets = {
      ...(name !== null && { key: keyOf(name) }),
      ...(password !== undefined && { password }),
    };
    const lines = room.exchange(peer, { type: "hello", ...secrets });
    if (lines.some(({ type }) => type === "welcome")) return "in";
    const [outside] = lines.filter((line) => line.type === "outside");
    if (outside?.waits) return "waits";
    return lines.find((line) => line.type === "error")?.cause ?? "no cause";
  },
  plain: (room, { name, password, network }) => {
    if (name !== null || password !== undefined || network !== undefined) return null;
    const peer = room.open("plain");
    room.run();
    const text = peer.take().join();
    if (peer.closedWith === undefined) return text.includes("waiting") ? "waits" : "in";
    return ["password", "locked", "closed", "banned"].find((cause) => text.includes(cause)) ?? text;
  },
  "HTTP read": (room, { name, password, network = "" }) => {
    const caller = { network, password, key: name === null ? undefined : keyOf(name) };
    const read = room.http.messagesBefore(100, 10, caller, room.now);
    const after = room.http.eventsAfter(0, undefined, 10, caller, room.now);
    expect(after.ok ? "in" : after.error.cause).toBe(read.ok ? "in" : read.error.cause);
    return resultOf(read);
  },
  "HTTP post": (room, { name, password, network = "" }) => {
    let result: string | null = null;
    const body = { text: "posted", ...(name !== null && { key: keyOf(name) }) };
    room.http.post(
      body,
      { network, password },
      (answer) => {
        result = resultOf(answer);
      },
      room.now,
    );
    room.run();
    return result;
  },
};

function resultOf(
  answer: { readonly ok: true } | { readonly ok: false; readonly error: { readonly cause?: string } },
): string {
  if (answer.ok) return "in";
  return answer.error.cause === "waiting" ? "waits" : (answer.error.cause ?? "no cause");
}

describe.each(Object.keys(DOORS))("who may enter by %s", (door) => {
  const [, ...settings] = ENTRY[0] ?? [];
  test.each(ENTRY.slice(1))("%s", (visitor, ...expected) => {
    const results = settings.map((name) =>
      DOORS[door]?.(roomWith(SETTINGS[name] ?? {}), VISITORS[visitor] ?? { name: null }),
    );
    if (results.every((result) => result === null)) return;
    expect(results).toEqual(expected);
  });
});

/** Commands by name. Message 1 is Bob's, 2 is Max's; Zoe is a member, Yan a moderator. */
const COMMANDS: Record<string, (members: Record<string, string>) => ClientLine> = {
  send: () => ({ type: "send", id: "c", text: "text" }),
  "edit own": () => ({ type: "edit", id: "c", target: OWN, text: "new" }),
  "edit other": () => ({ type: "edit", id: "c", target: ZOES, text: "new" }),
  "delete own": () => ({ type: "delete", id: "c", target: OWN }),
  "delete other": () => ({ type: "delete", id: "c", target: ZOES }),
  react: () => ({ type: "react", id: "c", target: ZOES, emoji: "👍", on: true }),
  rename: () => ({ type: "rename", id: "c", name: "New" }),
  settings: () => ({ type: "settings", id: "c", title: "Title" }),
  "role of a member": ({ zoe = "" }) => ({ type: "role", id: "c", member: zoe, role: "moderator" }),
  "mute a member": ({ zoe = "" }) => ({ type: "mute", id: "c", member: zoe }),
  "mute a moderator": ({ yan = "" }) => ({ type: "mute", id: "c", member: yan }),
  "mute an owner": ({ ann = "" }) => ({ type: "mute", id: "c", member: ann }),
  "ban a member": ({ zoe = "" }) => ({ type: "ban", id: "c", member: zoe }),
  "ban a moderator": ({ yan = "" }) => ({ type: "ban", id: "c", member: yan }),
  "remove a member": ({ zoe = "" }) => ({ type: "remove", id: "c", member: zoe }),
  "admit a member": ({ zoe = "" }) => ({ type: "admit", id: "c", member: zoe, on: true }),
  pin: () => ({ type: "pin", id: "c", target: ZOES, on: true }),
  "new owner link": () => ({ type: "owner", id: "c", secret: "n".repeat(43) }),
  wipe: () => ({ type: "wipe", id: "c" }),
};

let OWN = 0;
let ZOES = 0;

const ROLES = ["owner", "moderator", "member"] as const;

/** What each command is answered with, for an owner, a moderator and a member: `ok`, or the cause or code. */
const ALLOWED: Record<string, Record<string, string>> = {
  normal: {
    send: "ok ok ok",
    "edit own": "ok ok ok",
    "edit other": "forbidden forbidden forbidden",
    "delete own": "ok ok ok",
    "delete other": "ok ok forbidden",
    react: "ok ok ok",
    rename: "ok ok ok",
    settings: "ok role role",
    "role of a member": "ok role role",
    "mute a member": "ok ok role",
    "mute a moderator": "ok role role",
    "mute an owner": "role role role",
    "ban a member": "ok ok role",
    "ban a moderator": "ok role role",
    "remove a member": "ok ok role",
    "admit a member": "ok ok role",
    pin: "ok ok role",
    "new owner link": "ok role role",
    wipe: "ok role role",
  },
  "read only": {
    send: "ok ok read_only",
    "edit own": "ok ok read_only",
    "delete own": "ok ok ok",
    react: "ok ok ok",
    rename: "ok ok ok",
    "mute a member": "ok ok role",
  },
  "slow mode": {
    send: "ok ok slow_mode",
    "edit own": "ok ok ok",
    react: "ok ok ok",
  },
  muted: {
    send: "- muted muted",
    "edit own": "- muted muted",
    "delete own": "- ok ok",
    react: "- muted muted",
    rename: "- muted muted",
    "mute a member": "- ok role",
  },
};

/** Returns the answer to a command of one role in a room in one state. */
function answerTo(state: string, role: (typeof ROLES)[number], command: string): string {
  if (state === "muted" && role === "owner") return "-";
  const { room, ann, max, bob } = ownedRoom();
  const peers: Record<(typeof ROLES)[number], TestPeer> = { owner: ann, moderator: max, member: bob };
  const [zoe, yan] = [room.join("Zoe"), room.join("Yan")];
  const actor = peers[role];
  const members = { zoe: room.userOf(zoe), yan: room.userOf(yan), ann: room.userOf(ann) };
  room.exchange(ann, { type: "role", id: "yan", member: members.yan, role: "moderator" });
  room.exchange(actor, { type: "send", id: "own", text: "own" });
  OWN = room.log.head;
  room.exchange(zoe, { type: "send", id: "zoe", text: "other" });
  ZOES = room.log.head;
  if (state === "read only") room.exchange(ann, { type: "settings", id: "s", readOnly: true });
  if (state === "slow mode") room.exchange(ann, { type: "settings", id: "s", slowMode: 60_000 });
  if (state === "muted") room.exchange(ann, { type: "mute", id: "s", member: room.userOf(actor) });
  const line = COMMANDS[command]?.(members);
  if (line === undefined) throw new Error(`there is no command ${command}`);
  const answer = room.exchange(actor, line).find(({ type }) => type === "ok" || type === "error");
  return answer?.type === "error" ? (answer.cause ?? answer.code) : (answer?.type ?? "no answer");
}

describe.each(Object.keys(ALLOWED))("who may do what, %s", (state) => {
  test.each(Object.entries(ALLOWED[state] ?? {}))("%s", (command, expected) => {
    expect(ROLES.map((role) => answerTo(state, role, command)).join(" ")).toBe(expected);
  });
});

test("in a room without an owner nobody may do what moderators do", () => {
  const { room, bob } = ownedRoom();
  const free = new TestRoom();
  const peer = free.join("Bob");
  for (const [name, make] of Object.entries(COMMANDS)) {
    const line = make({ zoe: room.userOf(bob), yan: room.userOf(bob), ann: room.userOf(bob) });
    if (["send", "edit", "delete", "react", "rename"].includes(line.type)) continue;
    const answer = free.exchange(peer, line).find(({ type }) => type === "error");
    expect([name, answer?.type === "error" && answer.cause]).toEqual([name, "role"]);
  }
});

test.each(["plain", "HTTP post"])("read-only holds by %s", (door) => {
  const { room, ann } = ownedRoom({ readOnly: true });
  ann.take();
  if (door === "plain") {
    const plain = room.open("plain");
    room.receiveFrame(plain, "hi");
    room.run();
    expect(plain.take().join()).toContain("only moderators may write");
  } else {
    const errors: unknown[] = [];
    room.http.post(
      { text: "hi" },
      { network: "" },
      (answer) => errors.push(answer.ok || answer.error.cause),
      room.now,
    );
    room.run();
    expect(errors).toEqual(["read_only"]);
  }
});
