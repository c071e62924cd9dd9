/** Binary search. Pure. */

/**
 * Returns the first index below `length` for which `matches` is true, or `length`. `matches` must be true for every
 * index after one for which it is true.
 */
export function firstIndex(length: number, matches: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (matches(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
