// Holds the waits before attempts to connect.
import fc from "fast-check";
import { expect, test } from "vitest";
import { BACKOFF_BASE_MS, BACKOFF_MAX_MS, backoffDelay, retryDelay } from "../../src/client/backoff.ts";

test.each([
  [0, 500],
  [1, 1_000],
  [2, 2_000],
  [5, 16_000],
  [6, 20_000],
  [7, 20_000],
  [10_000, 20_000],
])("attempt %i waits %i ms at the most", (attempt, bound) => {
  expect(backoffDelay(attempt, 1)).toBe(bound);
});

test("the wait is any length up to the bound, in proportion to the random number", () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const delay = backoffDelay(attempt, random);
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThanOrEqual(BACKOFF_MAX_MS);
      expect(delay).toBeCloseTo(random * backoffDelay(attempt, 1), 6);
      expect(backoffDelay(attempt, 1)).toBeGreaterThanOrEqual(BACKOFF_BASE_MS);
    }),
  );
});

test("a rate limit waits as long as it says, and a second where it says nothing", () => {
  expect(retryDelay({ retryAfter: 137 })).toBe(137);
  expect(retryDelay({})).toBe(1_000);
});
