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
