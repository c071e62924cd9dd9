/** Percentiles of latencies. */

/** Latency, in ms; `Infinity` if too many messages are missing. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Number of samples. */
  readonly samples: number;
}

/**
 * Returns the latency from sampled ages of messages.
 *
 * @param ages - microseconds, in any order
 * @param missing - number of samples that the missing messages would have had
 */
export function latencyOf(ages: readonly number[], missing: number): Latency {
  const sorted = Float64Array.from(ages).sort();
  const total = sorted.length + Math.ceil(missing);
  // Nearest rank: the smallest age that is not exceeded by the given part of all messages.
  const percentile = (part: number) => (sorted[Math.max(0, Math.ceil(part * total) - 1)] ?? Infinity) / 1000;
  return { p50: percentile(0.5), p99: percentile(0.99), max: percentile(1), samples: sorted.length };
}

/** Returns the smallest number that the given part of a list does not exceed; 0 if the list is empty. */
export function percentile(list: readonly number[], part: number): number {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}

export function median(list: readonly number[]): number {
  return percentile(list, 0.5);
}
