// Waits for events. Each wait has a timeout, whose error names the event.

/** Default timeout of a wait, ms: much longer than any event takes, even on a busy machine. */
export const DEFAULT_TIMEOUT_MS = 45_000;

/** Returns the promise's value. Rejects with an error that names `what` if it is not settled after `timeoutMs`. */
export async function within<T>(
  what: string,
  promise: Promise<T>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`timed out after ${timeoutMs} ms: ${what}`)), timeoutMs);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Returns the first value of `probe` that is neither undefined nor false. `probe` is called now and each time the
 * listener is called that `subscribe` receives, so there is no polling. `subscribe` returns a function that removes
 * the listener.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false,
  subscribe: (listener: () => void) => () => void,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const check = () => {
    try {
      const value = probe();
      if (value !== undefined && value !== false) resolve(value);
    } catch (error) {
      reject(error);
    }
  };
  const stop = subscribe(check);
  check();
  try {
    return await within(what, promise, timeoutMs);
  } finally {
    stop();
  }
}

/**
 * Returns the first value of `probe` that is neither undefined nor false, called every `intervalMs`. For changes
 * without an event: a port that opens, a process that ends, an HTTP answer that changes.
 */
export async function poll<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  intervalMs = 50,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await within(what, probe(), Math.max(1, deadline - Date.now()));
    if (value !== undefined && value !== false) return value;
    if (Date.now() + intervalMs > deadline) throw new Error(`timed out after ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
