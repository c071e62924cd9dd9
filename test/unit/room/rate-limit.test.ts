import fc from "fast-check";
import { expect, test } from "vitest";
import { RateLimiter } from "../../../src/room/rate-limit.ts";

const rate = fc.double({ min: 0.01, max: 1000, noNaN: true });
const burst = fc.integer({ min: 1, max: 100 });
const pauses = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 200 });

test("accepts a full burst at once, then one token after another", () => {
  const limiter = new RateLimiter(5, 20);
  for (let i = 0; i < 20; i += 1) expect(limiter.take(0)).toBe(0);
  expect(limiter.take(0)).toBe(200);
  expect(limiter.take(199)).toBe(1);
  expect(limiter.take(200)).toBe(0);
  expect(limiter.take(200)).toBe(200);
});

test("has no limit at a rate of 0", () => {
  const limiter = new RateLimiter(0, 1);
  for (let i = 0; i < 1000; i += 1) expect(limiter.take(0)).toBe(0);
});

test("accepts the next token exactly after the returned wait", () => {
  fc.assert(
    fc.property(rate, burst, pauses, (perSecond, size, waits) => {
      let now = 1_700_000_000_000;
      const limiter = new RateLimiter(perSecond, size);
      for (const wait of waits) {
        now += wait;
        const waitMs = limiter.take(now);
        if (waitMs === 0) continue;
        if (waitMs > 1) expect(limiter.take(now + waitMs - 1)).toBeGreaterThan(0);
        now += waitMs;
        expect(limiter.take(now)).toBe(0);
      }
    }),
  );
});

test("never accepts more than the burst and the tokens added since", () => {
  fc.assert(
    fc.property(rate, burst, pauses, (perSecond, size, waits) => {
      const start = 1_700_000_000_000;
      let now = start;
      let accepted = 0;
      const limiter = new RateLimiter(perSecond, size);
      for (const wait of waits) {
        now += wait;
        if (limiter.take(now) === 0) accepted += 1;
        expect(accepted).toBeLessThanOrEqual(size + ((now - start) * perSecond) / 1000 + 1);
      }
    }),
  );
});

test("waits no longer after the clock was set back", () => {
  const limiter = new RateLimiter(1, 2);
  limiter.take(1_000_000);
  limiter.take(1_000_000);
  expect(limiter.take(0)).toBe(1_000);
  expect(limiter.take(1_000)).toBe(0);
  expect(limiter.take(1_000)).toBe(1_000);
});

test("a charge beyond the available tokens delays the next one", () => {
  const limiter = new RateLimiter(10, 10);
  expect(limiter.take(0)).toBe(0);
  limiter.charge(29, 0);
  expect(limiter.take(0)).toBe(2_100);
  expect(limiter.take(2_100)).toBe(0);
});
