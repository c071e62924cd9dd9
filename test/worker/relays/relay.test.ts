// Relays inside the runtime: objects that serve parts of a large room. Here rooms have them from the third connection on.
import { createExecutionContext, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import app from "../../../src/app.ts";
import type { ClientLine } from "../../../src/protocol/commands.ts";
import { SUBPROTOCOL } from "../../../src/protocol/frame.ts";
import { REGION_HEADER } from "../../../src/protocol/placement.ts";
import { ChatRoom } from "../../../src/room/chat-room.ts";
import type { ChatSocket } from "../../helpers/line-socket.ts";
import { ask, freshRoom, type Joined, join, newKey, openPlain, openSilent } from "../rooms.ts";

const OWNER_SECRET = "o".repeat(43);

/** Returns a room with two members of its own, and one on a relay, who have said nothing. */
async function large(): Promise<{ room: string; ann: Joined; bob: Joined; cem: Joined; cemKey: string }> {
  const room = freshRoom();
  const cemKey = newKey();
  const ann = await join(room, { name: "Ann", owner: OWNER_SECRET, claim: {} });
  const bob = await join(room, { name: "Bob" });
  const cem = await join(room, { name: "Cem", key: cemKey });
  return { room, ann, bob, cem, cemKey };
}

/** Sends a command and waits for its `ok`. */
async function done(socket: ChatSocket, command: ClientLine): Promise<void> {
  socket.command(command);
  const [answer] = (await socket.linesUntil(({ type }) => type === "ok" || type === "error")).slice(-1);
  expect(answer).toMatchObject({ type: "ok" });
}

function connectionsIn(object: DurableObjectStub): Promise<number> {
  return runInDurableObject(object, (_, state) => state.getWebSockets().length);
}

const roomOf = (room: string) => env.ROOMS.getByName(room);
const relayOf = (room: string, name = "any-0") => env.RELAYS.getByName(`${room}/${name}`);

test("everyone gets the same events in the same order, wherever their connection is", async () => {
  const { room, ann, bob, cem } = await large();
  expect(await connectionsIn(roomOf(room))).toBe(2);
  expect(await connectionsIn(relayOf(room))).toBe(1);
  cem.command({ type: "send", id: "c1", text: "from the relay" });
  const own = await cem.linesUntil(({ type }) => type === "message");
  expect(own.map(({ type }) => type).slice(-2)).toEqual(["ok", "message"]);
  ann.command({ type: "send", id: "a1", text: "from the room" });
  for (const reader of [ann, bob])
    expect(await reader.next("message")).toMatchObject({ seq: 2, text: "from the relay" });
  for (const reader of [ann, bob, cem])
    expect(await reader.next("message")).toMatchObject({ seq: 3, text: "from the room" });
});

test("relays beyond their size get another one, and take the connections of the room", async () => {
  const { room, ann, bob } = await large();
  const others: Joined[] = [];
  for (let i = 0; i < 5; i += 1) others.push(await join(room));
  await expect
    .poll(async () => {
      others.push(await join(room));
      return connectionsIn(relayOf(room, "any-1"));
    })
    .toBeGreaterThan(0);
  // A relay takes more than its size while the room does not know, but not twice as many.
  const first = await connectionsIn(relayOf(room));
  expect(first).toBeGreaterThanOrEqual(3);
  expect(first).toBeLessThanOrEqual(6);
  for (const { closed } of [ann, bob]) expect(await closed).toMatchObject({ code: 4011 });
  await expect.poll(() => connectionsIn(roomOf(room))).toBe(0);
  others[0]?.command({ type: "send", id: "a", text: "to all" });
  for (const reader of others) expect(await reader.next("message")).toMatchObject({ text: "to all" });
});

test("a post over HTTP and a plain socket reach a relay", async () => {
  const { room, cem } = await large();
  const plain = await openPlain(room);
  const body = JSON.stringify({ name: "Bot", text: "posted" });
  expect((await ask(`/api/rooms/${room}/messages`, { method: "POST", body })).status).toBe(201);
  expect(await cem.next("message")).toMatchObject({ name: "Bot", text: "posted" });
  expect(await plain.nextLine()).toBe("Bot: posted");
  plain.say("bare");
  expect(await cem.next("message")).toMatchObject({ text: "bare" });
  expect(await plain.nextLine()).toBe("bare");
});

test("a relay reads older pages and searches in the room", async () => {
  const { ann, cem } = await large();
  for (let i = 0; i < 15; i += 1) await done(ann, { type: "send", id: `s${i}`, text: `line ${i}` });
  cem.command({ type: "history", id: "h", before: 8, limit: 3 });
  const { events, more } = await cem.next("history");
  expect(events.map((event) => "text" in event && event.text)).toEqual(["line 3", "line 4", "line 5"]);
  expect(more).toBe(true);
  cem.command({ type: "search", id: "f", q: "LINE 14" });
  expect((await cem.next("found")).events).toMatchObject([{ text: "line 14" }]);
});

test("a mute, a ban and the end of both hold on a relay", async () => {
  const { room, ann, cem, cemKey } = await large();
  const { user } = cem.welcome.you;
  await done(ann, { type: "mute", id: "m", member: user, reason: "caps" });
  await cem.linesUntil((line) => line.type === "state" && line.muted !== undefined);
  cem.command({ type: "send", id: "c1", text: "loud" });
  expect(await cem.next("error")).toMatchObject({ id: "c1", cause: "muted", reason: "caps" });
  await done(ann, { type: "ban", id: "b", member: user });
  expect(await cem.closed).toMatchObject({ code: 4505 });
  const again = await openSilent(room);
  again.command({ type: "hello", key: cemKey });
  expect(await again.closed).toMatchObject({ code: 4505 });
  await done(ann, { type: "ban", id: "u", member: user, duration: 0 });
  await expect.poll(async () => (await join(room, { key: cemKey })).welcome.role).toBe("member");
});

test("those who wait on a relay are shown to the owner in the room, who lets them in", async () => {
  const { room, ann } = await large();
  await done(ann, { type: "settings", id: "s", entry: "knock" });
  const dan = await openSilent(room);
  dan.command({ type: "hello", name: "Dan", key: newKey() });
  const { you, waits } = await dan.next("outside");
  expect(waits).toBe(true);
  const knocks = await ann.linesUntil((line) => line.type === "knocks" && line.waiting.length > 0);
  expect(knocks.at(-1)).toMatchObject({ waiting: [{ user: you.user, name: "Dan" }] });
  await done(ann, { type: "admit", id: "a", member: you.user, on: true });
  expect((await dan.next("welcome")).you).toEqual(you);
});

test("members on a relay stay inside when the room is locked", async () => {
  const { room, ann, cem, cemKey } = await large();
  await done(ann, { type: "settings", id: "l", locked: true });
  await cem.close();
  expect((await join(room, { key: cemKey })).welcome.you.user).toBe(cem.welcome.you.user);
  const stranger = await openSilent(room);
  stranger.command({ type: "hello", key: newKey() });
  expect(await stranger.closed).toMatchObject({ code: 4507 });
});

test("a wipe disconnects those on a relay, who find the new log", async () => {
  const { room, ann, cem, cemKey } = await large();
  await done(ann, { type: "send", id: "a", text: "secret" });
  ann.command({ type: "wipe", id: "w" });
  expect(await cem.closed).toMatchObject({ code: 4012 });
  const { welcome } = await join(room, { key: cemKey, resume: { epoch: cem.welcome.epoch, seq: 2 } });
  expect(welcome.epoch).not.toBe(cem.welcome.epoch);
  expect(welcome.events).toMatchObject([{ type: "wipe" }]);
});

test("a client that comes back to a relay resumes with what it missed", async () => {
  const { room, ann, cem, cemKey } = await large();
  await done(cem, { type: "send", id: "c1", text: "one" });
  await cem.close();
  await done(ann, { type: "send", id: "a1", text: "two" });
  const { epoch } = cem.welcome;
  const back = await join(room, { key: cemKey, resume: { epoch, seq: 2 } });
  expect(back.welcome).toMatchObject({ resumed: true, seq: 3, events: [{ seq: 3, text: "two" }] });
});

test("the room is evicted: the relay attaches again, and loses nothing", async () => {
  const { room, ann, cem } = await large();
  await done(cem, { type: "send", id: "c1", text: "before" });
  await evictDurableObject(roomOf(room));
  await done(ann, { type: "send", id: "a1", text: "after" });
  const [two, three] = [await cem.next("message"), await cem.next("message")];
  expect([two, three]).toMatchObject([{ seq: 2 }, { seq: 3, text: "after" }]);
  await done(cem, { type: "send", id: "c2", text: "from the relay" });
  await ann.linesUntil((line) => line.type === "message" && line.text === "from the relay");
});

test("after 5 s without events the session ends, and both can be evicted without anybody noticing", async () => {
  const { room, ann, cem } = await large();
  await done(ann, { type: "send", id: "a1", text: "before" });
  await cem.next("message");
  const saved = () => runInDurableObject(relayOf(room), (_, { storage }) => storage.kv.get("position"));
  await expect.poll(saved, { timeout: 20_000 }).toMatchObject({ seq: 2 });
  await evictDurableObject(relayOf(room));
  await evictDurableObject(roomOf(room));
  await done(ann, { type: "send", id: "a2", text: "after" });
  expect(await cem.next("message")).toMatchObject({ seq: 3, text: "after" });
  await done(cem, { type: "send", id: "c1", text: "still here" });
  expect(await saved()).toBeUndefined();
});

test("without the class, a room serves all connections itself, even if it had relays", async () => {
  const { room } = await large();
  const { RELAYS: _, ...without } = env;
  const headers = {
    ...{ Upgrade: "websocket", "Sec-WebSocket-Version": "13" },
    "Sec-WebSocket-Protocol": SUBPROTOCOL,
  };
  // The Worker asks for no relay.
  const address = `https://example.com/ws/${room}`;
  const entered = await app.fetch(new Request(address, { headers }), without, createExecutionContext());
  expect(entered.status).toBe(101);
  entered.webSocket?.accept();
  expect(await connectionsIn(roomOf(room))).toBe(3);
  // The room names none, and calls none.
  await runInDurableObject(roomOf(room), async (_, state) => {
    const alone = new ChatRoom(state, without);
    const response = await alone.fetch(
      new Request(address, { headers: { ...headers, [REGION_HEADER]: "any" } }),
    );
    expect(response.status).toBe(101);
    response.webSocket?.accept();
    expect((await alone.post({ text: "alone" }, { network: "" })).ok).toBe(true);
  });
});
