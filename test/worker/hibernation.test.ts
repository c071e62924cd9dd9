import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ask, freshRoom, join, newKey, openPlain } from "./rooms.ts";

describe("after an eviction", () => {
  test("serves the sockets that stayed open", async () => {
    const room = freshRoom();
    const ann = await join(room, { name: "Ann" });
    const bo = await join(room, { name: "Bo" });
    const plain = await openPlain(room);
    ann.command({ type: "send", id: "a", text: "before" });
    await bo.next("message");
    await evictDurableObject(env.ROOMS.getByName(room));
    const count = bo.heard.length;
    ann.command({ type: "send", id: "b", text: "after" });

    expect(await ann.next("ok")).toMatchObject({ seq: 1 });
    expect(await ann.next("ok")).toEqual({ type: "ok", id: "b", seq: 2 });
    expect(await bo.next("message")).toMatchObject({ seq: 2, name: "Ann", text: "after" });
    expect(bo.heard).toHaveLength(count + 1);
    await plain.nextLine();
    expect(await plain.nextLine()).toBe("Ann: after");
    const { welcome } = await join(room, { name: "Cy" });
    expect(welcome.members?.map(({ name }) => name).sort()).toEqual([
      "Ann",
      "Bo",
      "Cy",
      expect.stringMatching(/^guest-/),
    ]);
  });

  test("answers a repeated command with the first seq", async () => {
    const room = freshRoom();
    const key = newKey();
    const ann = await join(room, { key });
    ann.command(
      { type: "send", id: "a", text: "once" },
      { type: "react", id: "r", target: 1, emoji: "👍", on: true },
    );
    await ann.next("react");
    await evictDurableObject(env.ROOMS.getByName(room));
    const back = await join(room, { key });
    back.command(
      { type: "send", id: "a", text: "once" },
      { type: "react", id: "r", target: 1, emoji: "👍", on: true },
      { type: "send", id: "a", text: "other" },
      { type: "send", id: "b", text: "new" },
    );
    expect(await back.next("ok")).toMatchObject({ id: "a", seq: 1 });
    expect(await back.next("ok")).toMatchObject({ id: "r", seq: 2 });
    expect(await back.next("error")).toMatchObject({ id: "a", code: "conflict" });
    expect(await back.next("ok")).toMatchObject({ id: "b", seq: 3 });
  });

  test("resumes a connection with exactly the events it missed", async () => {
    const room = freshRoom();
    const ann = await join(room);
    ann.command(...["a", "b", "c"].map((id) => ({ type: "send", id, text: id }) as const));
    await ann.linesUntil((line) => line.type === "message" && line.seq === 3);
    await evictDurableObject(env.ROOMS.getByName(room));
    const { welcome } = await join(room, { resume: { epoch: ann.welcome.epoch, seq: 1 } });
    expect(welcome).toMatchObject({ resumed: true, seq: 3, events: [{ seq: 2 }, { seq: 3 }] });
  });

  test("keeps the new name of a user", async () => {
    const room = freshRoom();
    const ann = await join(room, { name: "Ann" });
    ann.command({ type: "rename", id: "n", name: "Anna" });
    await ann.next("ok");
    await evictDurableObject(env.ROOMS.getByName(room));
    ann.command({ type: "send", id: "a", text: "hi" });
    expect(await ann.next("message")).toMatchObject({ name: "Anna" });
  });

  test("sends a presence line when a close wakes the room", async () => {
    const room = freshRoom();
    const ann = await join(room, { name: "Ann" });
    const bo = await join(room, { name: "Bo" });
    await evictDurableObject(env.ROOMS.getByName(room));
    await bo.close();
    const lines = await ann.linesUntil((line) => line.type === "presence" && line.leave !== undefined);
    expect(lines.at(-1)).toEqual({ type: "presence", online: 1, leave: [bo.welcome.you.user] });
  });

  test("knows its name when an alarm wakes it", async () => {
    const room = freshRoom();
    await Promise.all([join(room, { name: "Ann" }), join(room, { name: "Bo" })]);
    await evictDurableObject(env.ROOMS.getByName(room));
    await runDurableObjectAlarm(env.ROOMS.getByName(room));
    expect((await join(room)).welcome.room).toBe(room);
  });

  test("keeps the epoch and the user id of a key", async () => {
    const room = freshRoom();
    const key = newKey();
    const before = await join(room, { key });
    before.command({ type: "send", id: "a", text: "one" });
    await before.next("message");
    await evictDurableObject(env.ROOMS.getByName(room), { webSockets: "close" });
    const after = await join(room, { key });
    expect(after.welcome.epoch).toBe(before.welcome.epoch);
    expect(after.welcome.you).toEqual(before.welcome.you);
  });

  test("keeps them in a room without events too, while a socket stays open", async () => {
    const room = freshRoom();
    const key = newKey();
    const before = await join(room, { key });
    await evictDurableObject(env.ROOMS.getByName(room));
    const after = await join(room, { key });
    expect(after.welcome.epoch).toBe(before.welcome.epoch);
    expect(after.welcome.you).toEqual(before.welcome.you);
    before.command({ type: "send", id: "a", text: "mine" });
    const { seq } = await after.next("message");
    after.command({ type: "edit", id: "b", target: seq, text: "still mine" });
    expect(await after.next("ok")).toMatchObject({ id: "b" });
  });
});

describe("storage", () => {
  test("stays empty until the first event", async () => {
    const room = freshRoom();
    const stub = env.ROOMS.getByName(room);
    const ann = await join(room, { key: newKey() });
    ann.command({ type: "edit", id: "a", target: 1, text: "text" });
    await ann.next("error");
    ann.command({ type: "rename", id: "b", name: "Ann" });
    await ann.next("ok");
    await openPlain(room);
    await ask(`/api/rooms/${room}/messages`, { method: "POST", body: "{}" });
    await stub.summary({ network: "" });
    await stub.messagesBefore(10, 10, { network: "" });
    await stub.eventsAfter(0, undefined, 10, { network: "" });
    const tables = await runInDurableObject(stub, (_room, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    );
    expect(tables).toEqual([]);
  });

  test("contains no key and no text of a deleted message", async () => {
    const room = freshRoom();
    const key = newKey();
    const ann = await join(room, { key });
    ann.command(
      { type: "send", id: "a", text: "secret-one" },
      { type: "edit", id: "b", target: 1, text: "secret-two" },
      { type: "delete", id: "c", target: 1 },
    );
    await ann.next("delete");
    const dump = await runInDurableObject(env.ROOMS.getByName(room), (_room, { storage }) =>
      ["meta", "messages", "events"].map((table) =>
        storage.sql
          .exec(`SELECT * FROM ${table}`)
          .toArray()
          .map((row) => JSON.stringify(Object.values(row))),
      ),
    );
    expect(JSON.stringify(dump)).not.toMatch(/secret-/);
    expect(JSON.stringify(dump)).not.toContain(key);
  });
});
