// The sweep for stale connections is the only alarm of a room.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { freshRoom, join, openPlain } from "./rooms.ts";

const alarmOf = (room: string) =>
  runInDurableObject(env.ROOMS.getByName(room), (_room, { storage }) => storage.getAlarm());

test("is set while at least two users have chat.v1 sockets", async () => {
  const room = freshRoom();
  const ann = await join(room, { name: "Ann" });
  await openPlain(room);
  expect(await alarmOf(room)).toBeNull();
  const before = Date.now();
  const bo = await join(room, { name: "Bo" });
  const at = await alarmOf(room);
  expect(at).toBeGreaterThanOrEqual(before + 90_000);
  expect(at).toBeLessThanOrEqual(Date.now() + 90_000);
  await bo.close();
  await ann.linesUntil((line) => line.type === "presence" && line.leave !== undefined);
  expect(await alarmOf(room)).toBeNull();
});

test("is set again for the next possible stale connection", async () => {
  const room = freshRoom();
  const ann = await join(room, { name: "Ann" });
  const bo = await join(room, { name: "Bo" });
  await evictDurableObject(env.ROOMS.getByName(room));
  ann.sendFrame('{"type":"ping"}');
  bo.sendFrame('{"type":"ping"}');
  await Promise.all([ann.next("pong"), bo.next("pong")]);
  expect(await runDurableObjectAlarm(env.ROOMS.getByName(room))).toBe(true);
  expect(await alarmOf(room)).toBeGreaterThan(Date.now() + 60_000);
  ann.command({ type: "send", id: "a", text: "hi" });
  expect(await bo.next("message")).toMatchObject({ text: "hi" });
});
