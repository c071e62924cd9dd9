import * as v from "valibot";
import { expect, test } from "vitest";
import {
  type EventBody,
  eventBody,
  IDEMPOTENCY_MS,
  LogCommand,
  parseCommand,
} from "../../../src/protocol/index.ts";
import { Log } from "../../../src/room/log.ts";
import { contentOf } from "../../../src/room/message-files.ts";
import { RecentCommands } from "../../../src/room/recent-commands.ts";
import { NodeStore } from "../../helpers/node-store.ts";

const FILE = "f".repeat(22);
const HELLO: EventBody = { type: "message", text: "hello" };

test("finds a command for at least 5 minutes and at most 10", () => {
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

test("forgets the oldest commands sooner when there are more than 100,000", () => {
  const recent = new RecentCommands();
  for (let i = 1; i <= 150_000; i += 1) recent.add("ann", `${i}`, HELLO, i, 0);
  expect(recent.find("ann", "50000", HELLO)).toBeNull();
  expect(recent.find("ann", "50001", HELLO)).toBe(50_001);
});

test("forgets a command of a failed transaction in either generation", () => {
  const recent = new RecentCommands();
  for (let i = 1; i <= 50_000; i += 1) recent.add("ann", `${i}`, HELLO, i, 0);
  // This command starts a new generation, so the one before it is in the old generation.
  recent.add("ann", "next", HELLO, 50_001, 0);
  recent.forget("ann", "50000");
  recent.forget("ann", "next");
  expect(recent.find("ann", "50000", HELLO)).toBeNull();
  expect(recent.find("ann", "next", HELLO)).toBeNull();
  expect(recent.find("ann", "49999", HELLO)).toBe(49_999);
});

test.each([
  { type: "send", id: "a", text: "hi", reply: 7 },
  { type: "send", id: "a", text: "hi", files: [{ id: FILE, alt: "A cat" }, { id: FILE.replace("f", "g") }] },
  { type: "send", id: "a", text: "", files: [{ id: FILE, blur: "1QcSHQRnh493V4dIh4eXh1h4kJUI" }] },
  { type: "edit", id: "a", target: 7, text: "hi" },
  { type: "delete", id: "a", target: 7 },
  { type: "react", id: "a", target: 7, emoji: "👍", on: true },
] as const)("recognises a repeated $type command after the log was opened again", (command) => {
  const parsed = parseCommand(JSON.stringify(command));
  if (!parsed.ok || !("id" in parsed.value) || !v.is(LogCommand, parsed.value))
    throw new Error("it is valid");
  const body = eventBody(parsed.value);
  const store = new NodeStore();
  const stored = [FILE, FILE.replace("f", "g")].map((file) => ({
    ...{ id: file, type: "image/png", bytes: 9, address: `https://chat.example/${file}` },
  }));
  const content = contentOf(body, stored, () => null);
  new Log(store).append({ ...content, at: 1_000, user: "ann", name: "Ann", id: "a" });
  const recent = new RecentCommands();
  recent.load(new Log(store), 1_000);
  expect(recent.find("ann", "a", body)).toBe(1);
  expect(recent.find("ann", "a", { type: "message", text: "another" })).toBe("conflict");
});
