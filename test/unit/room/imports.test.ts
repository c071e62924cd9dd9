// Imports: an export becomes the log of an empty room, whole or not at all.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ClientLine, CloseCode } from "../../../src/protocol/index.ts";
import { chunksOf, contentOf, exportOf, importInto, withoutEpoch } from "../../helpers/export-file.ts";
import { keyOf, OWNER_SECRET, ownedRoom, type TestPeer, TestRoom } from "../../helpers/test-room.ts";

const ADMIN_KEY = "a".repeat(43);

/** Returns a room that is claimed, and has no messages. */
function emptyRoom(config: ConstructorParameters<typeof TestRoom>[0] = {}): TestRoom {
  const room = new TestRoom(config);
  room.join("Olga", { owner: OWNER_SECRET, claim: { title: "Old title" } });
  return room;
}

/** Returns the export of an owned room with `count` messages and a few changes and notices. */
async function fileOf(count: number): Promise<string> {
  const { room, ann, max, bob } = ownedRoom({ title: "Tea" });
  for (let i = 0; i < count; i += 1) {
    room.exchange(i % 2 ? ann : bob, { type: "send", id: `m${i}`, text: `message ${i}` });
    room.advance(1_000);
  }
  const first = room.log.head - count + 1;
  room.exchange(bob, { type: "edit", id: "e", target: first, text: "edited 茶" });
  room.exchange(ann, { type: "react", id: "r", target: first, emoji: "👍", on: true });
  room.exchange(max, { type: "delete", id: "d", target: first + 2 });
  room.exchange(ann, { type: "pin", id: "p", target: first, on: true });
  room.exchange(ann, { type: "mute", id: "mute", member: room.userOf(bob), reason: "caps" });
  return exportOf(room);
}

/** A command of one of three users about one of the first messages. */
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("send" as const),
      text: fc.constantFrom("tea", "茶 \n 🍵", '"\\'),
    }),
  },
  fc.record({
    type: fc.constant("edit" as const),
    target: fc.integer({ min: 4, max: 12 }),
    text: fc.constant("new"),
  }),
  fc.record({ type: fc.constant("delete" as const), target: fc.integer({ min: 4, max: 12 }) }),
  fc.record({
    type: fc.constant("react" as const),
    target: fc.integer({ min: 4, max: 12 }),
    emoji: fc.constantFrom("👍", "1️⃣", "🏳️‍🌈"),
    on: fc.boolean(),
  }),
  fc.record({ type: fc.constant("pin" as const), target: fc.integer({ min: 4, max: 12 }), on: fc.boolean() }),
  fc.record({
    type: fc.constant("settings" as const),
    title: fc.constantFrom("", "Title", "题目"),
    slowMode: fc.constant(0),
  }),
  fc.record({ type: fc.constant("owner" as const), secret: fc.constant("n".repeat(43)) }),
);

test("export, import and export give the same bytes but for the epoch", async () => {
  const runs = fc.array(fc.tuple(fc.nat(2), command), { maxLength: 40 });
  const limit = fc.constantFrom(10, 1_000);
  await fc.assert(
    fc.asyncProperty(
      runs,
      limit,
      fc.integer({ min: 1, max: 5_000 }),
      async (commands, historyLimit, size) => {
        const { room, ann, max, bob } = ownedRoom({}, { historyLimit });
        for (const [index, [who, body]] of commands.entries()) {
          room.now += 1;
          const line = { id: `c${index}`, ...body } as ClientLine;
          room.exchange([ann, max, bob][who] ?? ann, line);
        }
        const first = await exportOf(room);
        const second = emptyRoom({ historyLimit });
        second.now = room.now;
        expect(await importInto(second, first, { size })).toMatchObject({ ok: true });
        const copy = await exportOf(second);
        expect(withoutEpoch(copy)).toBe(withoutEpoch(first));
        const third = new TestRoom({ adminKey: ADMIN_KEY, historyLimit });
        third.now = room.now;
        expect(await importInto(third, copy, { size, key: ADMIN_KEY })).toMatchObject({ ok: true });
        expect(withoutEpoch(await exportOf(third))).toBe(withoutEpoch(first));
      },
    ),
    { numRuns: 60 },
  );
});

test("reconnects everyone to another epoch, with the messages and a notice after them", async () => {
  const file = await fileOf(5);
  const room = emptyRoom();
  const bob = room.join("Bob");
  const { epoch } = room.log;
  const result = await importInto(room, file, { name: "Olga" });
  expect(result).toEqual({ ok: true, value: { epoch: room.log.epoch, seq: 14, messages: 5, pruned: 0 } });
  expect(bob.closedWith).toBe(CloseCode.NewEpoch);
  bob.take();
  const back = room.join("Bob", { resume: { epoch, seq: 1 } });
  const welcome = back.takeLines().find(({ type }) => type === "welcome");
  expect(welcome).toMatchObject({ resumed: false, seq: 14, state: { title: "Tea", pinned: 4 } });
  expect(welcome).toMatchObject({
    events: [
      ...[{ type: "claim" }, { type: "role" }, { type: "settings" }],
      { type: "message", text: "edited 茶", reactions: { "👍": [expect.any(String)] } },
      { type: "message", text: "message 1" },
      { type: "message", text: "", deleted: true, moderated: true },
      ...[{ type: "message" }, { type: "message" }, { type: "pin" }, { type: "mute" }],
      { type: "import", seq: 14, at: room.now, name: "Olga", messages: 5 },
    ],
  });
});

test("takes no role, no restriction and no setting but the title from the file", async () => {
  const { room: source, ann } = ownedRoom({ title: "Tea", readOnly: true, slowMode: 60_000 });
  const file = await exportOf(source);
  const room = emptyRoom();
  await importInto(room, file);
  expect(room.rules.state).toMatchObject({ title: "Tea", readOnly: false, slowMode: 0 });
  expect(room.rules.state.staff).toMatchObject([{ name: "Olga", role: "owner" }]);
  expect(room.rules.roleOf(source.userOf(ann))).toBe("member");
});

test("tells everyone that the title is gone if the file has none", async () => {
  const file = await exportOf(ownedRoom().room);
  const room = emptyRoom();
  const titleOf = (peer: TestPeer) =>
    peer.takeLines().find((line) => line.type === "welcome")?.state?.title ?? null;
  expect(titleOf(room.join("Bob"))).toBe("Old title");
  await importInto(room, file);
  expect(titleOf(room.join("Bob"))).toBeNull();
});

test("authors whose room was wiped get their messages back", async () => {
  const { room, ann, bob } = ownedRoom();
  room.exchange(bob, { type: "send", id: "a", text: "tae" });
  const file = await exportOf(room);
  room.exchange(ann, { type: "wipe", id: "w" });
  expect(await importInto(room, file, { key: keyOf("Ann") })).toMatchObject({ ok: true });
  const back = room.join("Bob");
  back.take();
  const edit: ClientLine = { type: "edit", id: "e", target: 4, text: "tea" };
  expect(room.exchange(back, edit)).toMatchObject([{ type: "ok" }, { type: "edit", target: 4 }]);
});

test("keeps the newest events that the room has space for, and batches short", async () => {
  const file = await fileOf(700);
  const room = emptyRoom({ historyLimit: 100 });
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
  };
  const result = await importInto(room, file, { pause, size: 1e6 });
  expect(result).toMatchObject({ ok: true, value: { messages: 700 } });
  expect(pauses).toBeGreaterThanOrEqual(3);
  const { events } = room.log.after(room.log.pruned, 1_000);
  expect(events.length).toBeLessThan(120);
  expect(events.length).toBeGreaterThanOrEqual(100);
  expect(events.at(-1)).toMatchObject({ type: "import" });
  room.crash();
  expect(room.log.after(room.log.pruned, 1_000).events).toEqual(events);
});

test("hides imported messages that are too old for the room", async () => {
  const file = await fileOf(3);
  const room = emptyRoom({ historyDays: 1 });
  room.now += 2 * 24 * 3_600_000;
  room.join("Bob");
  expect(await importInto(room, file)).toMatchObject({ ok: true });
  const welcome = room
    .join("Cem")
    .takeLines()
    .find(({ type }) => type === "welcome");
  expect(welcome).toMatchObject({ events: [{ type: "import" }], more: false });
});

test("messages that outlive the changes after them are exported and imported", async () => {
  const { room, ann } = ownedRoom({}, { historyLimit: 20 });
  const first = room.log.head + 1;
  room.exchange(ann, { type: "send", id: "m", text: "liked by many" });
  for (let i = 0; i < 60; i += 1)
    room.exchange(ann, { type: "react", id: `r${i}`, target: first, emoji: "👍", on: i % 2 === 0 });
  expect(room.log.pruned).toBeGreaterThan(first);
  const file = await exportOf(room);
  expect(file).toContain("liked by many");
  const other = emptyRoom({ historyLimit: 20 });
  expect(await importInto(other, file)).toMatchObject({ ok: true, value: { messages: 1 } });
  expect(other.log.find(first)).toMatchObject({ text: "liked by many" });
  expect(withoutEpoch(await exportOf(other))).toEqual(withoutEpoch(file));
});

test("a file with gaps says that events are missing", async () => {
  const lines = (await fileOf(10)).split("\n");
  lines.splice(3, 4, JSON.stringify({ type: "gap", after: 2, before: 7 }));
  const room = emptyRoom();
  expect(await importInto(room, lines.join("\n"))).toMatchObject({ ok: true, value: { pruned: 6 } });
  expect(room.log.pruned).toBe(6);
  expect(room.log.after(6, 1)).toMatchObject({ events: [{ seq: 7 }] });
});

test("imports into a new room with the deployer's key, which nobody then owns", async () => {
  const room = new TestRoom({ adminKey: ADMIN_KEY });
  const guest = room.join("Guest");
  const file = await fileOf(3);
  expect(await importInto(room, file, { key: keyOf("Guest") })).toMatchObject({
    ok: false,
    error: { code: "forbidden", cause: "role" },
  });
  expect(await importInto(room, file, { key: ADMIN_KEY })).toMatchObject({ ok: true });
  expect(guest.closedWith).toBe(CloseCode.NewEpoch);
  expect(room.rules.isOwned).toBe(false);
  room.hibernate();
  const back = room.join("Guest");
  back.take();
  expect(room.exchange(back, { type: "send", id: "a", text: "hello" })).toMatchObject([
    { type: "ok", seq: room.log.head },
    { type: "message" },
  ]);
});

test.each([
  ["an owner", keyOf("Ann"), "ok"],
  ["the owner secret", OWNER_SECRET, "ok"],
  ["the deployer's key", ADMIN_KEY, "ok"],
  ["a moderator", keyOf("Max"), "role"],
  ["a member", keyOf("Bob"), "role"],
  ["another secret", "x".repeat(43), "role"],
  ["nobody", "", "role"],
])("asks who may import: %s", async (_, key, expected) => {
  const { room } = ownedRoom({}, { adminKey: ADMIN_KEY });
  const result = await importInto(room, await fileOf(3), { key });
  expect(result.ok ? "ok" : result.error.cause).toBe(expected);
});

describe("nothing stays of an import", () => {
  test("that was killed in the middle", async () => {
    for (const room of [emptyRoom(), new TestRoom({ adminKey: ADMIN_KEY })]) {
      const before = contentOf(room);
      const key = room.log.isEmpty ? ADMIN_KEY : OWNER_SECRET;
      const file = await fileOf(600);
      const reached = Promise.withResolvers<void>();
      async function* endless() {
        yield* chunksOf(file.slice(0, -1_000));
        reached.resolve();
        await new Promise(() => {});
      }
      void importInto(room, endless(), { key });
      await reached.promise;
      expect(contentOf(room)).not.toEqual(before);
      room.crash();
      expect(contentOf(room)).toEqual(before);
      expect(await importInto(room, file, { key })).toMatchObject({ ok: true });
    }
  });

  test("whose connection is lost", async () => {
    const room = emptyRoom();
    const before = contentOf(room);
    const file = await fileOf(600);
    async function* cut() {
      yield* chunksOf(file.slice(0, -1_000));
      throw new Error("the client is gone");
    }
    expect(await importInto(room, cut())).toMatchObject({ ok: false, error: { code: "internal" } });
    expect(contentOf(room)).toEqual(before);
  });

  test("into a room in which somebody writes meanwhile", async () => {
    const room = emptyRoom();
    const bob = room.join("Bob");
    const file = await fileOf(3);
    async function* slow() {
      yield* chunksOf(file);
      room.exchange(bob, { type: "send", id: "a", text: "hello" });
    }
    expect(await importInto(room, slow())).toMatchObject({ ok: false, error: { code: "conflict" } });
    expect(room.log.after(0, 10).events).toMatchObject([
      { type: "claim" },
      { type: "message", text: "hello" },
    ]);
    expect(bob.closedWith).toBeUndefined();
  });

  test("whose transaction fails", async () => {
    const room = emptyRoom();
    const file = await fileOf(3);
    const before = contentOf(room);
    room.store.fault = (query) => {
      if (/RENAME TO events/.test(query)) throw new Error("no space");
    };
    expect(await importInto(room, file)).toMatchObject({ ok: false, error: { code: "internal" } });
    room.store.fault = undefined;
    expect(contentOf(room)).toEqual(before);
    expect(room.log.head).toBe(1);
    expect(await importInto(room, file)).toMatchObject({ ok: true });
  });

  test("while another one runs", async () => {
    const room = emptyRoom();
    const file = await fileOf(3);
    let second: unknown;
    async function* slow() {
      second = await importInto(room, file);
      yield* chunksOf(file);
    }
    expect(await importInto(room, slow())).toMatchObject({ ok: true });
    expect(second).toMatchObject({ ok: false, error: { code: "conflict" } });
  });
});
