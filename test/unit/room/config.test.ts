import { expect, test } from "vitest";
import { DEFAULT_CONFIG, type RoomVariables, roomConfig } from "../../../src/room/config.ts";

/** Reads the variables; the sentences about invalid ones are added to `sentences`. */
function read(variables: RoomVariables, sentences: string[] = []) {
  return roomConfig(variables, (sentence) => sentences.push(sentence));
}

test("has defaults for what is missing or empty", () => {
  expect(read({})).toEqual(DEFAULT_CONFIG);
  expect(read({ MESSAGE_RATE: " ", ADMIN_KEY: "" })).toEqual(DEFAULT_CONFIG);
});

test("a room takes more connections by default if it has relays", () => {
  expect(read({ RELAYS: {} }).maxConnections).toBe(100_000);
  expect(read({ RELAYS: {}, RELAY_AFTER: "0" }).maxConnections).toBe(10_000);
  expect(read({ RELAYS: {}, MAX_CONNECTIONS: "7" }).maxConnections).toBe(7);
});

test("reports an invalid number and uses its default", () => {
  const sentences: string[] = [];
  expect(read({ HISTORY_LIMIT: "many", MESSAGE_RATE: "2.5" }, sentences)).toEqual({
    ...DEFAULT_CONFIG,
    messageRate: 2.5,
  });
  expect(sentences).toEqual(["HISTORY_LIMIT must be a whole number, 1 or more; using 10000"]);
});

test("takes a deployer's secret of the right form only, and never repeats another", () => {
  const sentences: string[] = [];
  const adminKey = "a".repeat(43);
  expect(read({ ADMIN_KEY: adminKey }, sentences)).toEqual({ ...DEFAULT_CONFIG, adminKey });
  expect(sentences).toEqual([]);
  expect(read({ ADMIN_KEY: "hunter2" }, sentences)).toEqual(DEFAULT_CONFIG);
  expect(sentences.join()).toContain("ADMIN_KEY must be 43 characters");
  expect(sentences.join()).not.toContain("hunter2");
});
