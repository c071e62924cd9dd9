// Which row blocks are drawn, and the height of the spacers for the others.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TimelineMessage } from "../../../src/client/index.ts";
import { blocksOf } from "../../../src/page/state/rows.ts";
import { HeightIndex } from "../../../src/page/timeline/height-index.ts";
import {
  type DrawPlan,
  partsOf,
  planDrawing,
  type VisibleRange,
} from "../../../src/page/timeline/visible-range.ts";

function message(seq: number): TimelineMessage {
  return { type: "message", seq, at: seq, user: "ann", name: "Ann", text: "", reactions: {} };
}

const blocks = blocksOf(
  Array.from({ length: 240 }, (_, index) => message(index + 1)),
  { unreadAfter: null, dayOf: () => 0 },
);

const anyMeasures = fc.array(fc.tuple(fc.nat({ max: blocks.length - 1 }), fc.nat({ max: 900 })), {
  maxLength: 60,
});
const anyRange = fc
  .tuple(fc.integer({ min: -2_000, max: 12_000 }), fc.integer({ min: 100, max: 1_200 }))
  .map(([top, height]): VisibleRange => ({ top, bottom: top + height }));
const anyKeys = fc
  .subarray(
    blocks.map(({ key }) => key),
    { maxLength: 20 },
  )
  .map((keys): ReadonlySet<string> => new Set(keys));

/** Returns a height index of all blocks, some of which are measured. */
function heightsOf(measures: readonly (readonly [number, number])[]): HeightIndex {
  const heights = new HeightIndex();
  heights.setBlocks(blocks);
  for (const [index, height] of measures) {
    heights.topOf(index);
    heights.setHeight(keyAt(index), height);
  }
  return heights;
}

const keyAt = (index: number): string => blocks[index]?.key ?? "";

const isVisible = (heights: HeightIndex, index: number, range: VisibleRange): boolean =>
  heights.topOf(index + 1) >= range.top && heights.topOf(index) <= range.bottom;

describe("the height index", () => {
  test("puts each block at the end of the blocks above it", () => {
    fc.assert(
      fc.property(anyMeasures, (measures) => {
        const heights = heightsOf(measures);
        const measured = new Map(measures.map(([index, height]) => [index, height]));
        for (const index of blocks.keys()) {
          const height = heights.topOf(index + 1) - heights.topOf(index);
          expect(height).toBeCloseTo(measured.get(index) ?? height, 6);
          expect(height).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  test("finds the block at a position", () => {
    fc.assert(
      fc.property(anyMeasures, fc.integer({ min: -100, max: 20_000 }), (measures, y) => {
        const heights = heightsOf(measures);
        const tops = [...blocks.keys()].map((index) => heights.topOf(index));
        expect(heights.indexAt(y)).toBe(
          Math.max(
            0,
            tops.findLastIndex((top) => top <= y),
          ),
        );
      }),
    );
  });

  test("keeps estimates when others are measured, and estimates new blocks by the average", () => {
    const heights = new HeightIndex();
    heights.setBlocks(blocks.slice(30));
    const estimated = heights.topOf(10);
    heights.setHeight(keyAt(50), 1_000);
    expect(heights.topOf(10)).toBe(estimated);
    heights.setBlocks(blocks);
    expect(heights.topOf(11) - heights.topOf(10)).toBe(1_000);
  });
});

/** No scrolling, and no held block. */
const resting = { motion: 0, held: new Set<string>() };

describe("planDrawing", () => {
  test("draws all blocks within a screen of the visible range, and removes distant ones", () => {
    fc.assert(
      fc.property(anyMeasures, anyRange, anyKeys, (measures, range, before) => {
        const heights = heightsOf(measures);
        let plan: DrawPlan = { keys: before, isComplete: false };
        for (let steps = 0; !plan.isComplete && steps <= blocks.length; steps += 1) {
          plan = planDrawing({ ...resting, heights, range, drawn: plan.keys, limit: 1 });
        }
        expect(plan.isComplete).toBe(true);
        const screen = range.bottom - range.top;
        for (const [index, { key }] of blocks.entries()) {
          const isFar = !isVisible(heights, index, {
            top: range.top - 4 * screen,
            bottom: range.bottom + 4 * screen,
          });
          if (isVisible(heights, index, { top: range.top - screen, bottom: range.bottom + screen }))
            expect(plan.keys).toContain(key);
          if (isFar && index < blocks.length - 1) expect(plan.keys).not.toContain(key);
        }
      }),
    );
  });

  test("adds at most the limit at once, first what will be visible next", () => {
    const anyMotion = fc.integer({ min: -2_000, max: 2_000 });
    fc.assert(
      fc.property(anyMeasures, anyRange, anyMotion, anyKeys, fc.nat({ max: 6 }), (...any) => {
        const [measures, { top, bottom }, motion, drawn, limit] = any;
        const heights = heightsOf(measures);
        const { keys } = planDrawing({ ...resting, heights, range: { top, bottom }, motion, drawn, limit });
        const range = { top: top + motion, bottom: bottom + motion };
        const added = [...blocks.keys()].filter(
          (index) => index < blocks.length - 1 && keys.has(keyAt(index)) && !drawn.has(keyAt(index)),
        );
        expect(added.length).toBeLessThanOrEqual(limit);
        const isHiddenAdded = added.some((index) => !isVisible(heights, index, range));
        const isVisibleMissing = [...blocks.keys()].some(
          (index) => isVisible(heights, index, range) && !keys.has(keyAt(index)),
        );
        expect(isHiddenAdded && isVisibleMissing).toBe(false);
      }),
    );
  });

  test("draws held blocks and the last one at any distance", () => {
    fc.assert(
      fc.property(anyMeasures, anyRange, anyKeys, (measures, range, held) => {
        const heights = heightsOf(measures);
        const { keys } = planDrawing({ ...resting, heights, range, drawn: new Set(), held, limit: 0 });
        expect(keys).toEqual(new Set([...held, keyAt(blocks.length - 1)]));
      }),
    );
  });
});

describe("partsOf", () => {
  test("returns each block or a spacer of its height, in order", () => {
    fc.assert(
      fc.property(anyMeasures, fc.option(anyKeys), (measures, drawn) => {
        const heights = heightsOf(measures);
        const parts = partsOf(heights, drawn);
        const drawnKeys = parts.flatMap((part) => (part.type === "block" ? [part.key] : []));
        expect(drawnKeys).toEqual(
          blocks
            .filter(({ key }, index) => drawn === null || drawn.has(key) || index === blocks.length - 1)
            .map(({ key }) => key),
        );
        let y = 0;
        for (const part of parts) {
          if (part.type === "spacer") y += heights.topOf(part.to) - heights.topOf(part.from);
          else {
            const index = heights.indexOf(part.key);
            expect(y).toBeCloseTo(heights.topOf(index), 6);
            y = heights.topOf(index + 1);
          }
        }
        expect(y).toBeCloseTo(heights.topOf(blocks.length), 6);
        expect(new Set(parts.map(({ key }) => key)).size).toBe(parts.length);
      }),
    );
  });
});
