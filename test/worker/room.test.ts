import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { ChatRoom } from "../../src/room/chat-room.ts";
import { freshRoom, join, newKey } from "./rooms.ts";

describe("welcome", () => {
  test("describes an empty room", async () => {
    const room = freshRoom();
    const { welcome } = await join(room, { name: " Ann\u200B " });
    expect(welcome).toMatchObject({
      room,
      you: { name: "Ann", user: expect.stringMatching(/^[a-z2-7]{10}$/) },
      epoch: expect.stringMatching(/^[\w-]{16}$/),
      seq: 0,
      resumed: false,
      events: [],
      more: false,
      online: 1,
      members: [welcome.you],
      limits: { text: 8192, name: 32, frame: 32768 },
    });
    expect(Math.abs(welcome.now - Date.now())).toBeLessThan(60_000);
  });

  test("names a user without a name after the user id", async () => {
    const { welcome } = await join(freshRoom(), { name: "\u200B" });
    expect(welcome.you.name).toBe(`guest-${welcome.you.user.slice(0, 4)}`);
  });

  test("derives the user id from the key, differently in each room", async () => {
    const [here, there, key] = [freshRoom(), freshRoom(), newKey()];
    const first = await join(here, { key });
    const second = await join(here, { key, name: "Ann" });
    const elsewhere = await join(there, { key });
    expect(second.welcome.you.user).toBe(first.welcome.you.user);
    expect(second.welcome.online).toBe(1);
    expect(elsewhere.welcome.you.user).not.toBe(first.welcome.you.user);
  });

  test("has the newest messages with all changes applied", async () => {
    const room = freshRoom();
    const key = newKey();
    const ann = await join(room, { name: "Ann", key });
    ann.command(
      { type: "send", id: "a", text: "one" },
      { type: "send", id: "b", text: "two" },
      { type: "send", id: "c", text: "three", reply: 1 },
      { type: "edit", id: "d", target: 2, text: "zwei" },
      { type: "react", id: "e", target: 2, emoji: "👍", on: true },
      { type: "delete", id: "f", target: 3 },
    );
    await ann.linesUntil((line) => line.type === "delete");
    const bo = await join(room, { history: 2 });
    expect(bo.welcome).toMatchObject({ seq: 6, resumed: false, more: true });
    const user = ann.welcome.you.user;
    expect(bo.welcome.events).toEqual([
      expect.objectContaining({
        seq: 2,
        text: "zwei",
        edited: expect.any(Number),
        reactions: { "👍": [user] },
      }),
      expect.objectContaining({ seq: 3, text: "", deleted: true, reply: 1 }),
    ]);
    expect(bo.welcome.events.some((event) => "id" in event)).toBe(false);
    const again = await join(room, { key, history: 100 });
    expect(again.welcome.events.map((event) => ("id" in event ? event.id : undefined))).toEqual([
      "a",
      "b",
      "c",
    ]);
    expect(again.welcome.more).toBe(false);
    const none = await join(room, { history: 0 });
    expect(none.welcome).toMatchObject({ events: [], more: true });
  });
});

describe("resume", () => {
  test("returns exactly the missed events", async () => {
    const room = freshRoom();
    const ann = await join(room, { name: "Ann" });
    ann.command({ type: "send", id: "a", text: "one" }, { type: "send", id: "b", text: "two" });
    await ann.linesUntil((line) => line.type === "message" && line.seq === 2);
    const { epoch } = ann.welcome;
    ann.command(
      { type: "send", id: "c", text: "three" },
      { type: "react", id: "d", target: 1, emoji: "🎉", on: true },
      { type: "delete", id: "e", target: 3 },
    );
    await ann.linesUntil((line) => line.type === "delete");
    const back = await join(room, { resume: { epoch, seq: 2 } });
    expect(back.welcome).toMatchObject({ resumed: true, seq: 5, more: true });
    expect(back.welcome.events).toMatchObject([
      { type: "message", seq: 3, text: "", deleted: true },
      { type: "react", seq: 4, target: 1, emoji: "🎉", on: true },
      { type: "delete", seq: 5, target: 3 },
    ]);
    const upToDate = await join(room, { resume: { epoch, seq: 5 } });
    expect(upToDate.welcome).toMatchObject({ resumed: true, events: [], more: true });
  });

  test("is rejected from another epoch or beyond the head", async () => {
    const room = freshRoom();
    const ann = await join(room);
    ann.command({ type: "send", id: "a", text: "one" });
    await ann.next("message");
    for (const resume of [
      { epoch: "other", seq: 0 },
      { epoch: ann.welcome.epoch, seq: 2 },
    ]) {
      const { welcome } = await join(room, { resume });
      expect(welcome).toMatchObject({ resumed: false, events: [{ seq: 1, text: "one" }], more: false });
    }
  });
});

describe("log commands", () => {
  test("ok precedes its event in one frame, and others receive the event", async () => {
    const room = freshRoom();
    const ann = await join(room, { name: "Ann" });
    const bo = await join(room, { name: "Bo" });
    ann.command({ type: "send", id: "a", text: "hello\nthere" });
    const event = await bo.next("message");
    expect(event).toMatchObject({ seq: 1, user: ann.welcome.you.user, name: "Ann", text: "hello\nthere" });
    expect(event).not.toHaveProperty("id");
    await ann.next("message");
    const frame = ann.frames.find((sent) => sent.includes('"type":"ok"'));
    const types = frame?.split("\n").map((line) => JSON.parse(line).type);
    // The presence line of the last join may follow.
    expect(types?.slice(0, 2)).toEqual(["ok", "message"]);
  });

  test("one id makes one event, and with another text it is a conflict", async () => {
    const room = freshRoom();
    const key = newKey();
    const ann = await join(room, { key });
    const twin = await join(room, { key });
    ann.command({ type: "send", id: "a", text: "once" });
    expect(await ann.next("ok")).toEqual({ type: "ok", id: "a", seq: 1 });
    twin.command({ type: "send", id: "a", text: "once" }, { type: "send", id: "a", text: "twice" });
    expect(await twin.next("ok")).toEqual({ type: "ok", id: "a", seq: 1 });
    expect(await twin.next("error")).toMatchObject({ id: "a", code: "conflict" });
    const other = await join(room);
    other.command({ type: "send", id: "a", text: "mine" });
    expect(await other.next("ok")).toEqual({ type: "ok", id: "a", seq: 2 });
  });

  test("only the author changes a message, and only until it is deleted", async () => {
    const room = freshRoom();
    const ann = await join(room);
    const bo = await join(room);
    ann.command({ type: "send", id: "a", text: "mine" });
    await bo.next("message");
    bo.command(
      { type: "edit", id: "b1", target: 1, text: "yours" },
      { type: "delete", id: "b2", target: 1 },
      { type: "react", id: "b3", target: 1, emoji: "👀", on: true },
      { type: "edit", id: "b4", target: 9, text: "text" },
      { type: "react", id: "b5", target: 2, emoji: "👀", on: true },
      { type: "send", id: "b6", text: "text", reply: 7 },
    );
    const lines = await bo.linesUntil((line) => line.type === "react");
    // The line of the last join may arrive before the answers.
    expect(lines.filter(({ type }) => type !== "presence")).toMatchObject([
      { type: "error", id: "b1", code: "forbidden" },
      { type: "error", id: "b2", code: "forbidden" },
      { type: "ok", id: "b3", seq: 2 },
      { type: "error", id: "b4", code: "not_found" },
      { type: "error", id: "b5", code: "not_found" },
      { type: "error", id: "b6", code: "not_found" },
      { type: "react", seq: 2 },
    ]);
    ann.command({ type: "delete", id: "c", target: 1 }, { type: "edit", id: "d", target: 1, text: "back" });
    expect(await ann.next("error")).toMatchObject({ id: "d", code: "not_found" });
  });

  test("a message takes 20 different emoji, each from any number of users", async () => {
    const room = freshRoom();
    const [ann, bo, cy] = [await join(room), await join(room), await join(room)];
    ann.command({ type: "send", id: "a", text: "react to this" });
    await ann.next("message");
    const faces = Array.from({ length: 21 }, (_, i) => String.fromCodePoint(0x1f600 + i));
    const react = (index: number) =>
      ({ type: "react", id: `r${index}`, target: 1, emoji: faces[index] ?? "", on: true }) as const;
    ann.command(...faces.slice(0, 19).map((_, i) => react(i)));
    for (let i = 0; i < 19; i += 1) await ann.next("ok");
    bo.command(react(19), react(20), react(0));
    expect(await bo.next("ok")).toMatchObject({ id: "r19" });
    expect(await bo.next("error")).toMatchObject({ id: "r20", code: "forbidden" });
    expect(await bo.next("ok")).toMatchObject({ id: "r0" });
    cy.command({ ...react(1), on: false }, { type: "history", id: "h", before: 2, limit: 1 });
    await cy.next("ok");
    const { welcome } = await join(room);
    const [message] = welcome.events;
    expect(message?.type === "message" && Object.keys(message.reactions ?? {})).toEqual(faces.slice(0, 20));
    expect(message).toMatchObject({ reactions: { "😀": [ann.welcome.you.user, bo.welcome.you.user] } });
  });
});

describe("history", () => {
  test("returns pages before a seq, oldest message first", async () => {
    const room = freshRoom();
    const ann = await join(room, { history: 0 });
    ann.command(...["a", "b", "c", "d", "e"].map((id) => ({ type: "send", id, text: id }) as const));
    await ann.linesUntil((line) => line.type === "message" && line.seq === 5);
    ann.command({ type: "history", id: "h1", before: 5, limit: 3 });
    expect(await ann.next("history")).toMatchObject({
      id: "h1",
      events: [{ seq: 2 }, { seq: 3 }, { seq: 4 }],
      more: true,
    });
    ann.command({ type: "history", id: "h2", before: 2, limit: 3 });
    const last = await ann.next("history");
    expect(last).toMatchObject({ id: "h2", events: [{ seq: 1, text: "a" }], more: false });
    expect(last.events[0]).not.toHaveProperty("id");
  });
});

describe("rename", () => {
  test("cleans the name, answers without a seq, and applies to later messages", async () => {
    const room = freshRoom();
    const ann = await join(room, { name: "Ann" });
    const bo = await join(room, { name: "Bo" });
    ann.command({ type: "rename", id: "n", name: "  Anna\u202E " }, { type: "send", id: "a", text: "hi" });
    expect(await ann.next("ok")).toEqual({ type: "ok", id: "n" });
    const anna = { user: ann.welcome.you.user, name: "Anna" };
    await bo.linesUntil(
      (line) => line.type === "presence" && (line.join?.some((one) => isDeepStrictEqual(one, anna)) ?? false),
    );
    const { welcome } = await join(room);
    expect(welcome.events).toMatchObject([{ name: "Anna", text: "hi" }]);
    expect(welcome.members).toContainEqual(anna);
  });
});

test("a room with an invalid variable reports it and starts with the default", async () => {
  const errors = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    await runInDurableObject(env.ROOMS.getByName(freshRoom()), async (_, state) => {
      const room = new ChatRoom(state, { ...env, MESSAGE_RATE: "fast" });
      expect(await room.summary({ network: "" })).toMatchObject({ ok: true, value: { online: 0 } });
    });
    expect(errors).toHaveBeenCalledWith(expect.stringContaining("MESSAGE_RATE must be a number"));
  } finally {
    errors.mockRestore();
  }
});
