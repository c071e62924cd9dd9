// The sweep for ghosts: the one alarm of a room, and the one thing that wakes it when it is quiet.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { poll } from "../helpers/wait.ts";
import { freshRoom, join, openPlain } from "./rooms.ts";

const alarmOf = (room: string) =>
  runInDurableObject(env.ROOMS.getByName(room), (_room, { storage }) => storage.getAlarm());

it("is set only while two people or more hold chat.v1 sockets", async () => {
  const room = freshRoom();
  await join(room, { name: "Ann" });
  await openPlain(room);
  expect(await alarmOf(room)).toBeNull();
  const before = Date.now();
  const bo = await join(room, { name: "Bo" });
  const at = await alarmOf(room);
  expect(at).toBeGreaterThanOrEqual(before + 90_000);
  expect(at).toBeLessThanOrEqual(Date.now() + 90_000);
  await bo.close();
  await poll("the alarm to go with the second person", async () => (await alarmOf(room)) === null);
});

it("that finds nobody is set again for when the next could be found, after a hibernation too", async () => {
  const room = freshRoom();
  const ann = await join(room, { name: "Ann" });
  const bo = await join(room, { name: "Bo" });
  await evictDurableObject(env.ROOMS.getByName(room));
  ann.sendFrame('{"type":"ping"}');
  bo.sendFrame('{"type":"ping"}');
  await Promise.all([ann.next("pong"), bo.next("pong")]);
  expect(await runDurableObjectAlarm(env.ROOMS.getByName(room))).toBe(true);
  expect(await alarmOf(room)).toBeGreaterThan(Date.now() + 60_000);
  ann.command({ type: "send", id: "a", text: "still here" });
  expect(await bo.next("message")).toMatchObject({ text: "still here" });
});
