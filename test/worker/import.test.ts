// Imports over HTTP, in the runtime: an export of one room becomes another.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { MAX_IMPORT_BYTES } from "../../src/protocol/limits.ts";
import { ask, freshRoom, join, newKey } from "./rooms.ts";

const OWNER_SECRET = "o".repeat(43);

/** Returns a room with messages, an edit, a deletion, a reaction and a reply, and its export. */
async function exported(): Promise<{ room: string; file: string }> {
  const room = freshRoom();
  const ann = await join(room, { name: "Ann", owner: OWNER_SECRET, claim: { title: "Tea" } });
  ann.command(
    { type: "send", id: "1", text: "black tea" },
    { type: "send", id: "2", text: "green tea", reply: 2 },
    { type: "send", id: "3", text: "secret" },
    { type: "edit", id: "e", target: 2, text: "white tea" },
    { type: "react", id: "r", target: 3, emoji: "🍵", on: true },
    { type: "delete", id: "d", target: 4 },
  );
  await ann.next("delete");
  return { room, file: await exportOf(room) };
}

async function exportOf(room: string): Promise<string> {
  return (await ask(`/api/rooms/${room}/export`)).text();
}

function importInto(room: string, body: BodyInit, key: string, query = ""): Promise<Response> {
  const headers = { Authorization: `Bearer ${key}` };
  return ask(`/api/rooms/${room}/import${query}`, { method: "POST", headers, body });
}

/** Replaces what differs between rooms. */
function anonymous(file: string): string {
  return file.replace(/"room":"[^"]*"/, '"room":""').replace(/"epoch":"[^"]*"/, '"epoch":""');
}

function tablesOf(room: string): Promise<unknown[]> {
  return runInDurableObject(env.ROOMS.getByName(room), (_, { storage }) =>
    storage.sql
      .exec("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .toArray()
      .map(({ name }) => name)
      .filter((name) => !String(name).startsWith("_cf")),
  );
}

describe("into a room that its owner created", () => {
  test("gives the same export but for the epoch, and reconnects everyone", async () => {
    const { file } = await exported();
    const room = freshRoom();
    const key = newKey();
    const owner = await join(room, { name: "Olga", key, owner: OWNER_SECRET, claim: {} });
    const member = await join(room, { name: "Bob" });
    for (const id of ["1", "2", "3"]) owner.command({ type: "settings", id, topic: id });
    await owner.next("ok");
    // A page that ends before the log does leaves a statement open.
    await ask(`/api/rooms/${room}/messages?limit=1`);
    await ask(`/api/rooms/${room}/messages?limit=1&after=0`);
    const response = await importInto(room, file, key);
    expect(await response.json()).toMatchObject({ seq: 8, messages: 3, pruned: 0 });
    expect(response.status).toBe(201);
    expect(await Promise.all([owner.closed, member.closed])).toMatchObject([{ code: 4012 }, { code: 4012 }]);
    expect(anonymous(await exportOf(room))).toBe(anonymous(file));
    await evictDurableObject(env.ROOMS.getByName(room));
    expect(anonymous(await exportOf(room))).toBe(anonymous(file));
    const back = await join(room, { key });
    expect(back.welcome).toMatchObject({ role: "owner", seq: 8, state: { title: "Tea" } });
    expect(back.welcome.epoch).not.toBe(owner.welcome.epoch);
    expect(back.welcome.events.at(-1)).toMatchObject({ type: "import", name: "Olga", messages: 3 });
    const found = await (await ask(`/api/rooms/${room}/search?q=white`)).json();
    expect(found).toMatchObject({ events: [{ seq: 2, text: "white tea", name: "Ann" }] });
  });

  test("goes on with the next seq, and the export then has the notice", async () => {
    const { file } = await exported();
    const room = freshRoom();
    await join(room, { name: "Olga", owner: OWNER_SECRET, claim: {} });
    expect((await importInto(room, file, OWNER_SECRET, "?name=Olga")).status).toBe(201);
    const bob = await join(room, { name: "Bob" });
    bob.command({ type: "send", id: "n", text: "new", reply: 3 });
    expect(await bob.next("ok")).toMatchObject({ seq: 9 });
    const lines = (await exportOf(room))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.slice(-3)).toMatchObject([
      { type: "import", seq: 8, name: "Olga" },
      { type: "message", seq: 9, reply: 3 },
      { type: "end", seq: 9 },
    ]);
    const again = await importInto(room, file, OWNER_SECRET);
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ error: { code: "conflict" } });
  });
});

test("a damaged file is refused with its line, and nothing of it stays", async () => {
  const { file } = await exported();
  const room = freshRoom();
  const key = newKey();
  const owner = await join(room, { name: "Olga", key, owner: OWNER_SECRET, claim: {} });
  const before = [await exportOf(room), await tablesOf(room)];
  const response = await importInto(room, file.replace("green", "gr\u0000een"), key);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: "bad_request", line: 4 } });
  expect([await exportOf(room), await tablesOf(room)]).toEqual(before);
  owner.command({ type: "send", id: "a", text: "still here" });
  expect(await owner.next("ok")).toMatchObject({ seq: 2 });
});

test("only an owner may import, and the body is limited", async () => {
  const { file } = await exported();
  const room = freshRoom();
  await join(room, { name: "Olga", owner: OWNER_SECRET, claim: {} });
  for (const target of [room, freshRoom()]) {
    const response = await importInto(target, file, newKey());
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: "forbidden", cause: "role" } });
  }
  const anonymousCall = await ask(`/api/rooms/${room}/import`, { method: "POST", body: file });
  expect(anonymousCall.status).toBe(403);
  const headers = { Authorization: `Bearer ${OWNER_SECRET}`, "Content-Length": `${MAX_IMPORT_BYTES + 1}` };
  const large = await ask(`/api/rooms/${room}/import`, { method: "POST", headers, body: "x" });
  expect(large.status).toBe(413);
  expect((await ask(`/api/rooms/${room}/import`)).status).toBe(405);
});
