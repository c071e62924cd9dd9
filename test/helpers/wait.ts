// Waiting for what should happen: each wait ends with the event or, after its timeout, with a sentence.

/** How long a test waits, in ms, before it gives up. Far more than anything should take on a busy machine. */
export const DEFAULT_TIMEOUT_MS = 45_000;

/** The promise's value. Rejects with an error that names `what` where it has not settled after `timeoutMs`. */
export async function within<T>(
  what: string,
  promise: Promise<T>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms in vain for ${what}`)), timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The first value of `probe` that is neither undefined nor false; it is called now and after each call of the
 * listener that `subscribe` was given, so there is no polling. `subscribe` returns how to stop listening.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false,
  subscribe: (listener: () => void) => () => void,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const look = () => {
    try {
      const value = probe();
      if (value !== undefined && value !== false) resolve(value);
    } catch (error) {
      reject(error);
    }
  };
  const stop = subscribe(look);
  look();
  try {
    return await within(what, promise, timeoutMs);
  } finally {
    stop();
  }
}

/**
 * The first value of `probe` that is neither undefined nor false, asked again every `everyMs`. For what cannot
 * be listened to: a port that opens, a process that goes, an HTTP answer that changes.
 */
export async function poll<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  everyMs = 50,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await within(what, probe(), Math.max(1, deadline - Date.now()));
    if (value !== undefined && value !== false) return value;
    if (Date.now() + everyMs > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((done) => setTimeout(done, everyMs));
  }
}
