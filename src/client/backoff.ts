/** Back-off: how long to wait before trying again. */

/** Upper bound of the first wait; it doubles with every attempt that fails. */
export const BACKOFF_BASE_MS = 500;
/** The bound grows no further than this. */
export const BACKOFF_MAX_MS = 20_000;

/**
 * Wait before an attempt, with full jitter: any length up to the bound, so that the clients of a
 * server that restarts do not all come back at the same moment.
 *
 * @param attempt - attempts that have failed since the connection last held, 0 or more
 * @param random - a number from 0 to 1
 * @returns ms
 */
export function backoffDelay(attempt: number, random: number): number {
  return random * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** attempt);
}

/** Wait after a rate limit that names none. */
const DEFAULT_RETRY_MS = 1_000;

/** Wait before a command that was refused for its rate leaves again, ms. */
export function retryDelay({ retryAfter }: { readonly retryAfter?: number | undefined }): number {
  return retryAfter ?? DEFAULT_RETRY_MS;
}
