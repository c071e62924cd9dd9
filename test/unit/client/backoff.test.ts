// The waits before attempts to connect and after rate limits.
import fc from "fast-check";
import { expect, test } from "vitest";
import { retryDelay } from "../../../src/client/chat-error.ts";
import { BACKOFF_BASE_MS, BACKOFF_MAX_MS, backoffDelay } from "../../../src/client/reconnecting-socket.ts";

test.each([
  [0, 500],
  [1, 1_000],
  [2, 2_000],
  [5, 16_000],
  [6, 20_000],
  [7, 20_000],
  [10_000, 20_000],
])("after %i failed attempts the wait is at most %i ms", (failedAttempts, bound) => {
  expect(backoffDelay(failedAttempts, 1)).toBe(bound);
});

test("the wait is any length up to its bound, in proportion to the random number", () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failedAttempts, random) => {
      const delay = backoffDelay(failedAttempts, random);
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThanOrEqual(BACKOFF_MAX_MS);
      expect(delay).toBeCloseTo(random * backoffDelay(failedAttempts, 1), 6);
      expect(backoffDelay(failedAttempts, 1)).toBeGreaterThanOrEqual(BACKOFF_BASE_MS);
    }),
  );
});

test("a rate limit delays a command by `retryAfter`, or by a second without it", () => {
  expect(retryDelay({ retryAfter: 137 })).toBe(137);
  expect(retryDelay({})).toBe(1_000);
});
