// The bench's search for the highest rate, and its percentiles.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { latencyOf } from "../../bench/load/percentile.ts";
import { highest } from "../../bench/search.ts";

describe("the search for the highest rate", () => {
  test("comes as near to any limit as its plan says, from below", async () => {
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

  test("finds 0 where nothing is held, and ends", async () => {
    expect(await highest({ from: 1_000, to: 1e9, growth: 10, refinements: 2 }, async () => false)).toBe(0);
  });

  test("tries no rate over the highest of its plan", async () => {
    expect(await highest({ from: 1, to: 10, growth: 3, refinements: 3 }, async (rate) => rate <= 10)).toBe(9);
  });

  test("forgives a rate that is held at the second try", async () => {
    let tries = 0;
    const found = await highest({ from: 1, to: 1e9, growth: 2, refinements: 0 }, async (rate) => {
      tries += 1;
      return rate <= 4 && tries % 2 === 0;
    });
    expect(found).toBe(4);
  });
});

describe("the latency of a run", () => {
  test("is the nearest rank, in ms", () => {
    const ages = Array.from({ length: 100 }, (_, i) => (100 - i) * 1000);
    expect(latencyOf(ages, 0)).toEqual({ p50: 50, p99: 99, max: 100, samples: 100 });
  });

  test("counts messages that never came as endless", () => {
    expect(latencyOf([1000, 2000, 3000], 1)).toEqual({ p50: 2, p99: Infinity, max: Infinity, samples: 3 });
    expect(latencyOf([], 0).p50).toBe(Infinity);
  });
});
