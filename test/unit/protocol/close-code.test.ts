import { expect, test } from "vitest";
import { CLOSE_REASON, closeAnswer, mayReconnect, utf8Length } from "../../../src/protocol/index.ts";

test.each([
  [1000, "bye", { code: 1000, reason: "bye" }],
  [4321, "", { code: 4321, reason: "" }],
  [3000, "\uFFFD".repeat(60), { code: 3000 }],
  [1004, "reserved", {}],
  [1005, "none", {}],
  [1006, "lost", {}],
  [1015, "tls", {}],
  [999, "", {}],
  [2999, "", {}],
  [5000, "", {}],
])("answers a close of %i %j with %j", (code, reason, answer) => {
  expect(closeAnswer(code, reason)).toEqual(answer);
});

test("allows reconnecting except after codes 4500 to 4999", () => {
  expect([1000, 1001, 1006, 1011, 4000, 4008, 4009, 4029, 4499].every(mayReconnect)).toBe(true);
  expect([4500, 4502, 4999].some(mayReconnect)).toBe(false);
});

test("keeps every close reason within 123 bytes", () => {
  for (const reason of Object.values(CLOSE_REASON)) expect(utf8Length(reason)).toBeLessThanOrEqual(123);
});
