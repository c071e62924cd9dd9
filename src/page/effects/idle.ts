/** Schedules work for when the browser is idle. */

/** Time after which the work no longer waits for an idle browser, ms. */
const MAX_DELAY_MS = 3_000;

/** Resolves when the browser is idle. */
export function idle(): Promise<void> {
  return new Promise((done) => {
    // Safari has no idle callbacks.
    if ("requestIdleCallback" in globalThis) requestIdleCallback(() => done(), { timeout: MAX_DELAY_MS });
    else setTimeout(done, 1_000);
  });
}

/** Time in which the browser usually shows the next frame, ms. */
const FRAME_MS = 100;

/** Calls `work` once the current drawing is on the screen. Returns a function that cancels it. */
export function soon(work: () => void): () => void {
  if ("requestIdleCallback" in globalThis) {
    const handle = requestIdleCallback(work, { timeout: FRAME_MS });
    return () => cancelIdleCallback(handle);
  }
  const timer = setTimeout(work, FRAME_MS);
  return () => clearTimeout(timer);
}
