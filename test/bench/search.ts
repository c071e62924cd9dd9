/** Search: the highest rate that a server holds, found with few runs. */

/** How a search goes about it. */
export interface SearchPlan {
  /** First rate tried. */
  readonly from: number;
  /** No rate over this is tried. */
  readonly to: number;
  /** Factor between rates until one is not held; over 1. */
  readonly growth: number;
  /** How often the span between the best rate held and the least not held is then halved. */
  readonly refinements: number;
}

/** Rates below this part of the first are not looked for. */
const FLOOR = 1 / 20;

/**
 * Finds the highest rate that `holds`, within `growth ** (1 / 2 ** refinements)`. A rate that does not hold is tried
 * once more before it counts: a machine's own hiccup is no limit of the server.
 *
 * @returns the highest rate that held; 0 where none did
 */
export async function highest(
  { from, to, growth, refinements }: SearchPlan,
  holds: (rate: number) => Promise<boolean>,
): Promise<number> {
  const test = async (rate: number) => (await holds(rate)) || (await holds(rate));
  let held = 0;
  let failed = Number.POSITIVE_INFINITY;
  let rate = from;
  while (held === 0 || failed === Number.POSITIVE_INFINITY) {
    if (await test(rate)) held = rate;
    else failed = rate;
    if (held === 0 && failed / growth < from * FLOOR) return 0;
    rate = held === 0 ? failed / growth : held * growth;
    if (rate > to) return held;
  }
  for (let i = 0; i < refinements; i += 1) {
    const middle = Math.sqrt(held * failed);
    if (await test(middle)) held = middle;
    else failed = middle;
  }
  return held;
}
