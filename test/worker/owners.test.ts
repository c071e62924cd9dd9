// Rooms with owners inside the runtime: evictions, HTTP headers, and what the storage contains.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { ClientLine } from "../../src/protocol/commands.ts";
import type { ChatSocket } from "../helpers/line-socket.ts";
import { ask, freshRoom, type Joined, join, newKey, openSilent } from "./rooms.ts";

const OWNER_SECRET = "o".repeat(43);
const PROOF = "p".repeat(43);
const newPassword = { salt: "c".repeat(22), iterations: 600_000, proof: PROOF };

interface Owned {
  readonly room: string;
  readonly owner: Joined;
  readonly ownerKey: string;
  readonly member: Joined;
  readonly memberKey: string;
}

/** Returns a new room that is claimed, with its owner and one member in it. */
async function owned(): Promise<Owned> {
  const room = freshRoom();
  const [ownerKey, memberKey] = [newKey(), newKey()];
  const owner = await join(room, { name: "Ann", key: ownerKey, owner: OWNER_SECRET, claim: {} });
  const member = await join(room, { name: "Bob", key: memberKey });
  return { room, owner, ownerKey, member, memberKey };
}

function evict(room: string, options?: Parameters<typeof evictDurableObject>[1]): Promise<void> {
  return evictDurableObject(env.ROOMS.getByName(room), options);
}

/** Sends a command and waits for its `ok`. */
async function done(socket: ChatSocket, command: ClientLine): Promise<void> {
  socket.command(command);
  const [answer] = (await socket.linesUntil(({ type }) => type === "ok" || type === "error")).slice(-1);
  expect(answer).toMatchObject({ type: "ok" });
}

/** Opens a socket and sends a hello that is not answered with a welcome. */
async function knock(
  room: string,
  hello: Omit<Extract<ClientLine, { type: "hello" }>, "type">,
): Promise<ChatSocket> {
  const socket = await openSilent(room);
  socket.command({ type: "hello", ...hello });
  return socket;
}

describe("after an eviction", () => {
  test("the owner's role, a mute and a ban hold for open and for new sockets", async () => {
    const { room, owner, ownerKey, member } = await owned();
    const trollKey = newKey();
    const troll = await join(room, { name: "Troll", key: trollKey });
    await done(owner, { type: "mute", id: "m", member: member.welcome.you.user, reason: "caps" });
    await done(owner, { type: "ban", id: "b", member: troll.welcome.you.user, duration: 3_600_000 });
    expect(await troll.closed).toMatchObject({ code: 4505 });
    await evict(room);

    member.command({ type: "send", id: "a", text: "HI" });
    expect(await member.next("error")).toMatchObject({ cause: "muted", reason: "caps" });
    await done(owner, { type: "settings", id: "s", title: "Tea" });
    const refused = await knock(room, { key: trollKey });
    expect(await refused.next("outside")).toMatchObject({ waits: false, teaser: { title: "Tea" } });
    expect(await refused.next("error")).toMatchObject({ cause: "banned", until: expect.any(Number) });
    expect(await refused.closed).toMatchObject({ code: 4505 });
    await evict(room, { webSockets: "close" });
    const { welcome } = await join(room, { key: ownerKey });
    expect(welcome).toMatchObject({ role: "owner", state: { title: "Tea", owned: true } });
    expect(welcome.restricted?.map(({ name }) => name).sort()).toEqual(["Bob", "Troll"]);
  });

  test("a waiting socket stays connected and is let in", async () => {
    const { room, owner } = await owned();
    await done(owner, { type: "settings", id: "k", entry: "knock" });
    const cem = await knock(room, { name: "Cem", key: newKey() });
    const { you, waits } = await cem.next("outside");
    expect(waits).toBe(true);
    expect(await owner.next("knocks")).toMatchObject({ waiting: [{ name: "Cem" }] });
    await evict(room);
    await done(owner, { type: "admit", id: "y", member: you.user, on: true });
    expect(await cem.next("welcome")).toMatchObject({ you, role: "member" });
    await done(cem, { type: "send", id: "a", text: "thanks" });
    expect(await owner.next("message")).toMatchObject({ name: "Cem", text: "thanks" });
  });

  test("those inside stay inside a locked room, and nobody else enters", async () => {
    const { room, owner, memberKey } = await owned();
    await done(owner, { type: "settings", id: "l", locked: true });
    await evict(room, { webSockets: "close" });
    expect((await join(room, { key: memberKey })).welcome.role).toBe("member");
    const outside = await knock(room, { key: newKey() });
    expect(await outside.next("error")).toMatchObject({ cause: "locked" });
    expect(await outside.closed).toMatchObject({ code: 4507 });
  });
});

describe("HTTP", () => {
  const messages = (room: string, headers: Record<string, string> = {}) =>
    ask(`/api/rooms/${room}/messages`, { headers });

  test("admits a caller by Authorization, and rejects others with the cause", async () => {
    const { room, owner, memberKey } = await owned();
    await done(owner, { type: "send", id: "a", text: "inside" });
    await done(owner, { type: "settings", id: "k", entry: "knock" });
    const stranger = await messages(room, { Authorization: `Bearer ${newKey()}` });
    expect([stranger.status, await stranger.json()]).toMatchObject([
      403,
      { error: { code: "forbidden", cause: "waiting" } },
    ]);
    const read = await messages(room, { Authorization: `Bearer ${memberKey}` });
    expect([read.status, await read.text()]).toEqual([200, expect.stringContaining("inside")]);
    const post = (headers: Record<string, string>) =>
      ask(`/api/rooms/${room}/messages`, { method: "POST", headers, body: '{"text":"posted"}' });
    expect((await post({ Authorization: `Bearer ${memberKey}` })).status).toBe(201);
    const refused = await post({});
    expect([refused.status, await refused.json()]).toMatchObject([403, { error: { cause: "waiting" } }]);
  });

  test("admits a caller by X-Room-Password", async () => {
    const { room, owner } = await owned();
    await done(owner, { type: "settings", id: "p", entry: "password", newPassword });
    const without = await messages(room);
    expect([without.status, await without.json()]).toMatchObject([403, { error: { cause: "password" } }]);
    const wrong = await messages(room, { "X-Room-Password": "w".repeat(43) });
    expect([wrong.status, await wrong.json()]).toMatchObject([403, { error: { cause: "password" } }]);
    const right = await messages(room, { "X-Room-Password": PROOF });
    expect([right.status, await right.json()]).toMatchObject([
      200,
      { events: [{ type: "claim" }, { type: "settings", entry: "password" }] },
    ]);
  });

  test("the summary reads as empty to a caller who is outside", async () => {
    const { room, owner, ownerKey } = await owned();
    await done(owner, { type: "settings", id: "p", title: "Tea", entry: "password", newPassword });
    const { proof: _, ...password } = newPassword;
    const teaser = { room, title: "Tea", entry: "password", locked: false, closed: false, password };
    expect(await (await ask(`/api/rooms/${room}`)).json()).toEqual({
      ...teaser,
      epoch: "",
      seq: 0,
      online: 0,
    });
    const headers = { Authorization: `Bearer ${ownerKey}` };
    const inside = await ask(`/api/rooms/${room}`, { headers });
    expect(await inside.json()).toEqual({ ...teaser, epoch: owner.welcome.epoch, seq: 2, online: 2 });
  });
});

test("a wipe disconnects everyone with 4012, and the next hello has a new epoch", async () => {
  const { room, owner, ownerKey, member, memberKey } = await owned();
  await done(member, { type: "send", id: "a", text: "old news" });
  await done(owner, { type: "wipe", id: "w" });
  expect(await Promise.all([owner.closed, member.closed])).toMatchObject([{ code: 4012 }, { code: 4012 }]);
  await evict(room);
  const { epoch } = member.welcome;
  const back = await join(room, { key: memberKey, resume: { epoch, seq: 2 } });
  expect(back.welcome).toMatchObject({ resumed: false, seq: 1, you: { user: member.welcome.you.user } });
  expect(back.welcome.events).toMatchObject([{ type: "wipe", seq: 1 }]);
  expect(back.welcome.epoch).not.toBe(epoch);
  expect((await join(room, { key: ownerKey })).welcome).toMatchObject({
    role: "owner",
    epoch: back.welcome.epoch,
  });
});

test("the storage contains no owner secret, no proof, no key and no address as text", async () => {
  const { room, owner, ownerKey, member, memberKey } = await owned();
  const [next, address] = ["n".repeat(43), "203.0.113.77"];
  await done(owner, { type: "settings", id: "p", newPassword });
  await done(owner, { type: "owner", id: "o", secret: next });
  await done(owner, { type: "ban", id: "b", member: member.welcome.you.user, network: true });
  await ask(`/api/rooms/${room}/messages`, { headers: { "CF-Connecting-IP": address } });
  const dump = await runInDurableObject(env.ROOMS.getByName(room), (_room, { storage }) =>
    storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
      )
      .toArray()
      .map(({ name }) => [name, storage.sql.exec(`SELECT * FROM ${name}`).toArray()]),
  );
  const text = JSON.stringify(dump);
  expect(text).toContain("people");
  for (const secret of [OWNER_SECRET, next, PROOF, ownerKey, memberKey, address])
    expect(text).not.toContain(secret);
});
