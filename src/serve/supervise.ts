/** Supervise: keeps a runtime running. */
import { setTimeout as delay } from "node:timers/promises";
import type { Ending, Runtime } from "./runtime.ts";

/** Pause, in ms, before the first restart; each further one doubles it, up to the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** A runtime that ran for this time, in ms, ended for a new reason: the pause is the first one again. */
const STABLE_MS = 60_000;

/** A signal to the process group ends the runtime too. In this time, in ms, it has reached this process. */
const SIGNAL_MS = 100;

/**
 * Waits until `stopping` resolves, then stops the runtime. If it ends before, logs that and starts another one
 * with `restart`, which gives the ending of a runtime that does not start. `name` is that of the process in the log.
 */
export async function supervise(
  name: string,
  first: Runtime,
  restart: () => Promise<Runtime | Ending>,
  stopping: Promise<void>,
): Promise<void> {
  const stopped = stopping.then(() => "stopped" as const);
  let runtime: Runtime | Ending = first;
  for (let failures = 0; ; ) {
    const since = performance.now();
    const ending = typeof runtime === "object" ? await Promise.race([stopped, runtime.ended]) : runtime;
    if (ending === "stopped" || (await isStopped(stopped, SIGNAL_MS))) break;
    failures = performance.now() - since < STABLE_MS ? failures + 1 : 1;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
    const event = { event: "the runtime ended", process: name, ending, restartInMs: pause };
    console.error(JSON.stringify(event));
    if (await isStopped(stopped, pause)) break;
    runtime = await restart();
  }
  if (typeof runtime === "object") await runtime.stop();
}

/** Waits for `ms`. Gives true at once when `stopped` resolves. */
async function isStopped(stopped: Promise<"stopped">, ms: number): Promise<boolean> {
  const cancel = new AbortController();
  const pause = delay(ms, "paused" as const, { signal: cancel.signal }).catch(() => "paused" as const);
  const first = await Promise.race([stopped, pause]);
  cancel.abort();
  return first === "stopped";
}
