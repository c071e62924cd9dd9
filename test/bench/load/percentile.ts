/** Percentiles of latencies. */

/** Latency, in ms; `Infinity` where so many messages never came. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How many messages it was measured by. */
  readonly samples: number;
}

/**
 * Latency by the sampled ages of messages.
 *
 * @param ages - microseconds, in any order
 * @param missing - samples that would have been taken of messages that never came
 */
export function latencyOf(ages: readonly number[], missing: number): Latency {
  const sorted = Float64Array.from(ages).sort();
  const total = sorted.length + Math.ceil(missing);
  // Nearest rank: the smallest age that the given part of all messages does not exceed.
  const percentile = (part: number) => (sorted[Math.max(0, Math.ceil(part * total) - 1)] ?? Infinity) / 1000;
  return { p50: percentile(0.5), p99: percentile(0.99), max: percentile(1), samples: sorted.length };
}
