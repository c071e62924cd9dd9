import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RateLimiter } from "../../../src/room/rate-limit.ts";

const rate = fc.double({ min: 0.01, max: 1000, noNaN: true });
const burst = fc.integer({ min: 1, max: 100 });
const steps = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 200 });

describe("RateLimiter", () => {
  it("takes a full burst at once, and then one at a time", () => {
    const limiter = new RateLimiter(5, 20);
    for (let i = 0; i < 20; i += 1) expect(limiter.take(0)).toBe(0);
    expect(limiter.take(0)).toBe(200);
    expect(limiter.take(199)).toBe(1);
    expect(limiter.take(200)).toBe(0);
    expect(limiter.take(200)).toBe(200);
  });

  it("has no limit at a rate of 0", () => {
    const limiter = new RateLimiter(0, 1);
    for (let i = 0; i < 1000; i += 1) expect(limiter.take(0)).toBe(0);
  });

  it("takes what comes after exactly the wait that it named, and not a millisecond sooner", () => {
    fc.assert(
      fc.property(rate, burst, steps, (perSecond, most, waits) => {
        let now = 1_700_000_000_000;
        const limiter = new RateLimiter(perSecond, most);
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

  it("never lets more through than the burst and what came back since", () => {
    fc.assert(
      fc.property(rate, burst, steps, (perSecond, most, waits) => {
        const start = 1_700_000_000_000;
        let now = start;
        let taken = 0;
        const limiter = new RateLimiter(perSecond, most);
        for (const wait of waits) {
          now += wait;
          if (limiter.take(now) === 0) taken += 1;
          expect(taken).toBeLessThanOrEqual(most + ((now - start) * perSecond) / 1000 + 1);
        }
      }),
    );
  });

  it("starts anew where the clock was set back", () => {
    const limiter = new RateLimiter(1, 2);
    limiter.take(1_000_000);
    limiter.take(1_000_000);
    expect(limiter.take(0)).toBe(0);
    expect(limiter.take(0)).toBe(0);
    expect(limiter.take(0)).toBe(1000);
  });
});
