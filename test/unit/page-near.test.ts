/** Which blocks of the timeline are drawn, and how high the spacers for the others are. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TimelineMessage } from "../../src/client/index.ts";
import { blocksOf } from "../../src/page/state/rows.ts";
import { Column, type Near, nearBlocks, partsOf, type View } from "../../src/page/timeline/near.ts";

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
const anyView = fc
  .tuple(fc.integer({ min: -2_000, max: 12_000 }), fc.integer({ min: 100, max: 1_200 }))
  .map(([top, height]): View => ({ top, bottom: top + height }));
const anyKeys = fc
  .subarray(
    blocks.map(({ key }) => key),
    { maxLength: 20 },
  )
  .map((keys): ReadonlySet<string> => new Set(keys));

/** A column of all blocks, some of which have been measured. */
function columnOf(measures: readonly (readonly [number, number])[]): Column {
  const column = new Column();
  column.take(blocks);
  for (const [index, height] of measures) {
    column.topOf(index);
    column.measured(keyAt(index), height);
  }
  return column;
}

const keyAt = (index: number): string => blocks[index]?.key ?? "";

const isSeen = (column: Column, index: number, view: View): boolean =>
  column.topOf(index + 1) >= view.top && column.topOf(index) <= view.bottom;

describe("a column", () => {
  test("has each block where the ones above it end", () => {
    fc.assert(
      fc.property(anyMeasures, (measures) => {
        const column = columnOf(measures);
        const heights = new Map(measures.map(([index, height]) => [index, height]));
        for (const index of blocks.keys()) {
          const height = column.topOf(index + 1) - column.topOf(index);
          expect(height).toBeCloseTo(heights.get(index) ?? height, 6);
          expect(height).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  test("finds the block at a height", () => {
    fc.assert(
      fc.property(anyMeasures, fc.integer({ min: -100, max: 20_000 }), (measures, y) => {
        const column = columnOf(measures);
        const tops = [...blocks.keys()].map((index) => column.topOf(index));
        expect(column.indexAt(y)).toBe(
          Math.max(
            0,
            tops.findLastIndex((top) => top <= y),
          ),
        );
      }),
    );
  });

  test("keeps its guesses while others are measured, and guesses by those for what comes", () => {
    const column = new Column();
    column.take(blocks.slice(30));
    const guessed = column.topOf(10);
    column.measured(keyAt(50), 1_000);
    expect(column.topOf(10)).toBe(guessed);
    column.take(blocks);
    expect(column.topOf(11) - column.topOf(10)).toBe(1_000);
  });
});

/** A view that rests, with nothing held. */
const still = { motion: 0, held: new Set<string>() };

describe("the blocks to draw", () => {
  test("are, little by little, all that is seen and somewhat more, and nothing that is far", () => {
    fc.assert(
      fc.property(anyMeasures, anyView, anyKeys, (measures, view, before) => {
        const column = columnOf(measures);
        let near: Near = { keys: before, isComplete: false };
        for (let steps = 0; !near.isComplete && steps <= blocks.length; steps += 1) {
          near = nearBlocks({ ...still, column, view, drawn: near.keys, limit: 1 });
        }
        expect(near.isComplete).toBe(true);
        const screen = view.bottom - view.top;
        for (const [index, { key }] of blocks.entries()) {
          const isFar = !isSeen(column, index, {
            top: view.top - 4 * screen,
            bottom: view.bottom + 4 * screen,
          });
          if (isSeen(column, index, { top: view.top - screen, bottom: view.bottom + screen }))
            expect(near.keys).toContain(key);
          if (isFar && index < blocks.length - 1) expect(near.keys).not.toContain(key);
        }
      }),
    );
  });

  test("are at a time no more than the limit, what will be seen first", () => {
    const anyMotion = fc.integer({ min: -2_000, max: 2_000 });
    fc.assert(
      fc.property(anyMeasures, anyView, anyMotion, anyKeys, fc.nat({ max: 6 }), (...any) => {
        const [measures, { top, bottom }, motion, drawn, limit] = any;
        const column = columnOf(measures);
        const { keys } = nearBlocks({ ...still, column, view: { top, bottom }, motion, drawn, limit });
        const view = { top: top + motion, bottom: bottom + motion };
        const fresh = [...blocks.keys()].filter(
          (index) => index < blocks.length - 1 && keys.has(keyAt(index)) && !drawn.has(keyAt(index)),
        );
        expect(fresh.length).toBeLessThanOrEqual(limit);
        const isUnseenThere = fresh.some((index) => !isSeen(column, index, view));
        const isSeenMissing = [...blocks.keys()].some(
          (index) => isSeen(column, index, view) && !keys.has(keyAt(index)),
        );
        expect(isUnseenThere && isSeenMissing).toBe(false);
      }),
    );
  });

  test("are those that are held and the last one wherever they are", () => {
    fc.assert(
      fc.property(anyMeasures, anyView, anyKeys, (measures, view, held) => {
        const column = columnOf(measures);
        const { keys } = nearBlocks({ ...still, column, view, drawn: new Set(), held, limit: 0 });
        expect(keys).toEqual(new Set([...held, keyAt(blocks.length - 1)]));
      }),
    );
  });
});

describe("what stands in the timeline", () => {
  test("is every block drawn or given a spacer of its height, in order", () => {
    fc.assert(
      fc.property(anyMeasures, fc.option(anyKeys), (measures, drawn) => {
        const column = columnOf(measures);
        const parts = partsOf(column, drawn);
        const there = parts.flatMap((part) => (part.type === "block" ? [part.key] : []));
        expect(there).toEqual(
          blocks
            .filter(({ key }, index) => drawn === null || drawn.has(key) || index === blocks.length - 1)
            .map(({ key }) => key),
        );
        let y = 0;
        for (const part of parts) {
          if (part.type === "spacer") y += column.topOf(part.to) - column.topOf(part.from);
          else {
            const index = column.indexOf(part.key);
            expect(y).toBeCloseTo(column.topOf(index), 6);
            y = column.topOf(index + 1);
          }
        }
        expect(y).toBeCloseTo(column.topOf(blocks.length), 6);
        expect(new Set(parts.map(({ key }) => key)).size).toBe(parts.length);
      }),
    );
  });
});
