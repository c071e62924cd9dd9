// The bench's search for the highest rate, and its percentiles.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { latencyOf } from "../../bench/load/percentile.ts";
import { highest } from "../../bench/search.ts";

describe("highest", () => {
  test("finds any limit from below, within the precision of its plan", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 3_000, max: 1e8, noNaN: true }),
        fc.integer({ min: 0, max: 4 }),
        async (limit, refinements) => {
          const found = await highest(
            { from: 20_000, to: 1e9, growth: 3, refinements },
            async (rate) => rate <= limit,
          );
          expect(found).toBeLessThanOrEqual(limit);
          expect(found * 3 ** (1 / 2 ** refinements)).toBeGreaterThanOrEqual(limit * 0.999);
        },
      ),
    );
  });

  test("returns 0 if no rate passes", async () => {
    expect(await highest({ from: 1_000, to: 1e9, growth: 10, refinements: 2 }, async () => false)).toBe(0);
  });

  test("tries no rate over the limit of its plan", async () => {
    expect(await highest({ from: 1, to: 10, growth: 3, refinements: 3 }, async (rate) => rate <= 10)).toBe(9);
  });

  test("accepts a rate that passes on the second try", async () => {
    let tries = 0;
    const found = await highest({ from: 1, to: 1e9, growth: 2, refinements: 0 }, async (rate) => {
      tries += 1;
      return rate <= 4 && tries % 2 === 0;
    });
    expect(found).toBe(4);
  });
});

describe("latencyOf", () => {
  test("returns the nearest rank, in ms", () => {
    const ages = Array.from({ length: 100 }, (_, i) => (100 - i) * 1000);
    expect(latencyOf(ages, 0)).toEqual({ p50: 50, p99: 99, max: 100, samples: 100 });
  });

  test("counts missing messages as infinite", () => {
    expect(latencyOf([1000, 2000, 3000], 1)).toEqual({ p50: 2, p99: Infinity, max: Infinity, samples: 3 });
    expect(latencyOf([], 0).p50).toBe(Infinity);
  });
});
