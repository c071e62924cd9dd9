/** When the page has nothing more urgent to do. */

/** Time after which idle or not is all the same, ms. */
const LATEST_MS = 3_000;

/** Is done when the browser is idle. */
export function idle(): Promise<void> {
  return new Promise((done) => {
    // Safari has no idle callbacks.
    if ("requestIdleCallback" in globalThis) requestIdleCallback(() => done(), { timeout: LATEST_MS });
    else setTimeout(done, 1_000);
  });
}

/** Time after which the next frame should be on the screen, ms. */
const FRAME_MS = 100;

/** Calls `work` once what was drawn now is on the screen; returns what calls that off. */
export function soon(work: () => void): () => void {
  if ("requestIdleCallback" in globalThis) {
    const handle = requestIdleCallback(work, { timeout: FRAME_MS });
    return () => cancelIdleCallback(handle);
  }
  const timer = setTimeout(work, FRAME_MS);
  return () => clearTimeout(timer);
}
