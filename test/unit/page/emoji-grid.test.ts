// Arrow keys in the grid of emoji.
import { expect, test } from "vitest";
import { gridStep } from "../../../src/page/components/emoji-grid.ts";

test("arrow keys move through a grid by rows and cells", () => {
  // Three in the first row, two in the second.
  const cells = [0, 1, 2, 0, 1].map((column, index) => ({ left: column * 10, top: index < 3 ? 0 : 10 }));
  const step = (key: string, at: number) => gridStep(key, at, cells);
  expect(step("ArrowDown", -1)).toBe(0);
  expect(step("ArrowDown", 1)).toBe(4);
  expect(step("ArrowDown", 2)).toBe(4);
  expect(step("ArrowDown", 4)).toBe(4);
  expect(step("ArrowUp", 3)).toBe(0);
  expect(step("ArrowRight", 2)).toBe(3);
  expect(step("ArrowLeft", 0)).toBe(0);
  expect(step("End", 0)).toBe(4);
  expect(step("x", 0)).toBeNull();
  expect(gridStep("ArrowDown", -1, [])).toBeNull();
});
