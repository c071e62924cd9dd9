/** Arrow keys in a grid whose row length depends on the window. Pure. */

interface Cell {
  readonly left: number;
  readonly top: number;
}

/** Returns the index of the cell that `key` leads to from `at` (-1: before the first cell), or `null`. */
export function gridStep(key: string, at: number, cells: readonly Cell[]): number | null {
  const last = cells.length - 1;
  if (last < 0) return null;
  const from = cells[at];
  switch (key) {
    case "ArrowRight":
      return Math.min(last, at + 1);
    case "ArrowLeft":
      return Math.max(0, at - 1);
    case "Home":
      return 0;
    case "End":
      return last;
    case "ArrowDown":
      if (from === undefined) return 0;
      return nearest(cells, from, (top) => top > from.top + 1, 1, at);
    case "ArrowUp":
      return from === undefined ? null : nearest(cells, from, (top) => top < from.top - 1, -1, at);
    default:
      return null;
  }
}

/** Returns the cell of the next row that is closest to `from`. */
function nearest(
  cells: readonly Cell[],
  from: Cell,
  beyond: (top: number) => boolean,
  step: 1 | -1,
  at: number,
): number {
  let best = at;
  let row: number | null = null;
  let distance = Number.POSITIVE_INFINITY;
  for (let i = at + step; i >= 0 && i < cells.length; i += step) {
    const cell = cells[i];
    if (cell === undefined || !beyond(cell.top)) continue;
    row ??= cell.top;
    if (Math.abs(cell.top - row) > 1) break;
    if (Math.abs(cell.left - from.left) < distance) {
      distance = Math.abs(cell.left - from.left);
      best = i;
    }
  }
  return best;
}
