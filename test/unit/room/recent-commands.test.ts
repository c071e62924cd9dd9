// The memory of recent commands: how long it remembers, and that it forgets what never came to be.
import { expect, test } from "vitest";
import { type EventBody, IDEMPOTENCY_MS } from "../../../src/protocol/index.ts";
import { RecentCommands } from "../../../src/room/recent-commands.ts";

const HELLO: EventBody = { type: "message", text: "hello" };

test("a command is remembered for five minutes at the least, and for ten at the most", () => {
  const recent = new RecentCommands();
  recent.add("ann", "a", HELLO, 1, 0);
  recent.add("ann", "b", HELLO, 2, IDEMPOTENCY_MS - 1);
  recent.add("ann", "c", HELLO, 3, IDEMPOTENCY_MS);
  expect(recent.find("ann", "b", HELLO)).toBe(2);
  expect(recent.find("ann", "a", HELLO)).toBe(1);
  recent.add("ann", "d", HELLO, 4, 2 * IDEMPOTENCY_MS);
  expect(recent.find("ann", "a", HELLO)).toBeNull();
  expect(recent.find("ann", "b", HELLO)).toBeNull();
  expect(recent.find("ann", "c", HELLO)).toBe(3);
});

test("under so many commands that memory would run out, the oldest are forgotten sooner", () => {
  const recent = new RecentCommands();
  for (let i = 1; i <= 150_000; i += 1) recent.add("ann", `${i}`, HELLO, i, 0);
  expect(recent.find("ann", "50000", HELLO)).toBeNull();
  expect(recent.find("ann", "50001", HELLO)).toBe(50_001);
});

test("a command whose event did not come to be is forgotten, wherever it is remembered", () => {
  const recent = new RecentCommands();
  for (let i = 1; i <= 50_000; i += 1) recent.add("ann", `${i}`, HELLO, i, 0);
  // The next one opens a new generation; the one before it is in the old one by then.
  recent.add("ann", "next", HELLO, 50_001, 0);
  recent.forget("ann", "50000");
  recent.forget("ann", "next");
  expect(recent.find("ann", "50000", HELLO)).toBeNull();
  expect(recent.find("ann", "next", HELLO)).toBeNull();
  expect(recent.find("ann", "49999", HELLO)).toBe(49_999);
});
