// Retention inside the runtime: alarms, evictions and an empty database.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import type { Retention } from "../../src/protocol/retention.ts";
import { ask, freshRoom, join, newKey } from "./rooms.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

afterEach(() => {
  vi.useRealTimers();
});

/** Sets the clock of this isolate, which is also that of the rooms, `ms` ahead. Timers go on. */
function advanceClock(ms: number): void {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: now + ms });
}

const stub = (room: string) => env.ROOMS.getByName(room);
const alarmOf = (room: string) => runInDurableObject(stub(room), (_room, { storage }) => storage.getAlarm());
const countOf = (room: string, table: string) =>
  runInDurableObject(stub(room), (_room, { storage }) =>
    Number(storage.sql.exec(`SELECT COUNT(*) AS count FROM ${table}`).one().count),
  );
const tablesOf = (room: string) =>
  runInDurableObject(stub(room), (_room, { storage }) =>
    storage.sql
      .exec("SELECT name FROM sqlite_master")
      .toArray()
      .map(({ name }) => String(name)),
  );

/** Creates a room with an owner, and sends a message. */
async function create(retention: Retention) {
  const room = freshRoom();
  const ann = await join(room, { key: newKey(), owner: "o".repeat(43), claim: { retention } });
  ann.command({ type: "send", id: "a", text: "text" });
  await ann.next("message");
  return { room, ann };
}

test("an alarm deletes what is too old, from a room that was evicted", async () => {
  const { room, ann } = await create("day");
  const sentAt = Date.now();
  await ann.close();
  await evictDurableObject(stub(room));
  const at = await alarmOf(room);
  expect(at).toBeGreaterThan(sentAt + DAY - MINUTE);
  expect(at).toBeLessThanOrEqual(sentAt + DAY + MINUTE);

  advanceClock(DAY + MINUTE);
  const page = await ask(`/api/rooms/${room}/messages`);
  expect(await page.json()).toMatchObject({ seq: 2, events: [], more: false });
  expect(await countOf(room, "messages")).toBe(2);
  const next = await alarmOf(room);
  expect(next).toBeGreaterThan(Date.now() + 9 * MINUTE);

  advanceClock(11 * MINUTE);
  await evictDurableObject(stub(room));
  expect(await runDurableObjectAlarm(stub(room))).toBe(true);
  expect(await countOf(room, "messages")).toBe(0);
  expect(await alarmOf(room)).toBeNull();
  const { welcome } = await join(room, { resume: { epoch: ann.welcome.epoch, seq: 1 } });
  expect(welcome).toMatchObject({ epoch: ann.welcome.epoch, seq: 2, resumed: false, events: [] });
});

test("an alarm for a message does not put off the sweep for stale connections", async () => {
  const { room } = await create("week");
  const before = Date.now();
  const bo = await join(room, { name: "Bo" });
  expect(await alarmOf(room)).toBeLessThanOrEqual(Date.now() + 90_000);
  await evictDurableObject(stub(room));
  bo.command({ type: "send", id: "b", text: "text" });
  await bo.next("message");
  const at = await alarmOf(room);
  expect(at).toBeGreaterThanOrEqual(before);
  expect(at).toBeLessThanOrEqual(Date.now() + 90_000);
});

test("a room without retention sets no alarm, and none is left when retention ends", async () => {
  const { room, ann } = await create("all");
  expect(await alarmOf(room)).toBeNull();
  ann.command({ type: "settings", id: "s", retention: "day" });
  expect(await ann.next("state")).toMatchObject({ state: { retention: "day" } });
  expect(await alarmOf(room)).toBeGreaterThan(Date.now() + DAY - MINUTE);
  ann.command({ type: "settings", id: "t", retention: "all" });
  await ann.next("state");
  expect(await alarmOf(room)).toBeNull();
});

test("an export that events are too old for ends with a gap", async () => {
  const { room } = await create("day");
  advanceClock(DAY + MINUTE);
  const lines = (await (await ask(`/api/rooms/${room}/export`)).text()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { type: "room", seq: 2, pruned: 2 },
    { type: "end", seq: 2 },
  ]);
});

test("ends 5 minutes after everyone has left, with an empty database", async () => {
  const { room, ann } = await create("presence");
  // Somebody who is there alone is looked for, in case the connection is dead.
  expect(await alarmOf(room)).toBeLessThanOrEqual(Date.now() + 90_000);
  await ann.close();
  // The object ends before the last user has left: the alarm of the sweep finds nobody.
  await evictDurableObject(stub(room));
  await runDurableObjectAlarm(stub(room));
  expect(await alarmOf(room)).toBeGreaterThan(Date.now() + 4 * MINUTE);
  await evictDurableObject(stub(room));
  advanceClock(4 * MINUTE);
  await runDurableObjectAlarm(stub(room));
  expect(await tablesOf(room)).toContain("messages");
  expect(await alarmOf(room)).toBeLessThanOrEqual(Date.now() + 2 * MINUTE);

  advanceClock(2 * MINUTE);
  await evictDurableObject(stub(room));
  await runDurableObjectAlarm(stub(room));
  expect(await tablesOf(room)).toEqual([]);
  expect(await alarmOf(room)).toBeNull();
  expect(await (await ask(`/api/rooms/${room}`)).json()).toMatchObject({ epoch: "", seq: 0, entry: "open" });
  const { welcome } = await join(room);
  expect(welcome.epoch).not.toBe(ann.welcome.epoch);
  expect(welcome.state).toBeUndefined();
});
