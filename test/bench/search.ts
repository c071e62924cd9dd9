/** Search for the highest rate at which a server passes, with few runs. */

/** SearchPlan is the range and precision of a search. */
export interface SearchPlan {
  /** First rate. */
  readonly from: number;
  /** Upper limit of rates. */
  readonly to: number;
  /** Factor between rates until one fails; over 1. */
  readonly growth: number;
  /** Number of times that the interval between the best passed and the lowest failed rate is then halved. */
  readonly refinements: number;
}

/** Fraction of the first rate below which the search ends. */
const FLOOR = 1 / 20;

/**
 * Finds the highest rate at which `passes` is true, within a factor of `growth ** (1 / 2 ** refinements)`. A failed
 * rate is tried once more, because other load on the machine can be the cause.
 *
 * @returns the highest rate that passed; 0 if none did
 */
export async function highest(
  { from, to, growth, refinements }: SearchPlan,
  passes: (rate: number) => Promise<boolean>,
): Promise<number> {
  const test = async (rate: number) => (await passes(rate)) || (await passes(rate));
  let passed = 0;
  let failed = Number.POSITIVE_INFINITY;
  let rate = from;
  while (passed === 0 || failed === Number.POSITIVE_INFINITY) {
    if (await test(rate)) passed = rate;
    else failed = rate;
    if (passed === 0 && failed / growth < from * FLOOR) return 0;
    rate = passed === 0 ? failed / growth : passed * growth;
    if (rate > to) return passed;
  }
  for (let i = 0; i < refinements; i += 1) {
    const middle = Math.sqrt(passed * failed);
    if (await test(middle)) passed = middle;
    else failed = middle;
  }
  return passed;
}
