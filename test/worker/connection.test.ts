// One connection in chat.v1: its rate limit, its hello, its ping and its close.
import { expect, test } from "vitest";
import { freshRoom, join, openSilent } from "./rooms.ts";

test("is rate-limited with retryAfter, and its accepted commands commit", async () => {
  const room = freshRoom();
  const ann = await join(room);
  ann.command(
    ...Array.from({ length: 21 }, (_, i) => ({ type: "send", id: `m${i}`, text: `${i}` }) as const),
  );
  const rejected = await ann.next("error");
  expect(rejected).toMatchObject({ id: "m20", code: "rate_limited", retryAfter: expect.any(Number) });
  expect(rejected.retryAfter).toBeGreaterThan(0);
  expect(rejected.retryAfter).toBeLessThanOrEqual(200);
  await ann.linesUntil((line) => line.type === "message" && line.seq === 20);
});

test("is closed 4029 after many rejected commands", async () => {
  const ann = await join(freshRoom());
  const commands = Array.from({ length: 300 }, (_, i) => ({ type: "send", id: `m${i}`, text: "x" }) as const);
  ann.command(...commands);
  expect(await ann.closed).toMatchObject({ code: 4029 });
  // The accepted commands are answered before the socket closes.
  expect(ann.heard.filter((line) => line.includes('"ok"'))).toHaveLength(20);
});

test("receives no events before hello", async () => {
  const room = freshRoom();
  const silent = await openSilent(room);
  const ann = await join(room);
  expect(ann.welcome.online).toBe(1);
  ann.command({ type: "send", id: "a", text: "hi" });
  await ann.next("message");
  silent.command({ type: "send", id: "b", text: "hi" });
  expect(await silent.nextLine()).toMatchObject({ type: "error", id: "b", code: "not_joined" });
  silent.command({ type: "hello" });
  expect(await silent.nextLine()).toMatchObject({ type: "welcome", seq: 1 });
});

test("receives its own close code and reason", async () => {
  const ann = await join(freshRoom());
  expect(await ann.close(4321, "bye")).toMatchObject({ code: 4321, reason: "bye" });
});

test("receives exactly the documented pong", async () => {
  const ann = await join(freshRoom());
  ann.sendFrame('{"type":"ping"}');
  await ann.next("pong");
  expect(ann.frames.at(-1)).toBe('{"type":"pong"}');
});
