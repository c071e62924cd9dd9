/** Measures the time of a disk sync: a room that stores its messages waits for one before each frame. */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const SYNCS = 50;
const PAUSE_MS = 20;
/** A short message adds one page to SQLite's log. */
const PAGE = Buffer.alloc(4_096);

/** Median time, in ms, of a sync after appending one page, in the folder of the servers' state. */
export async function measureSync(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "edge-chat-bench-disk-"));
  const file = await open(join(folder, "log"), "a");
  try {
    const times = [];
    for (let i = 0; i < SYNCS; i += 1) {
      await file.write(PAGE);
      const start = performance.now();
      await file.sync();
      times.push(performance.now() - start);
      await pause(PAUSE_MS);
    }
    times.sort((a, b) => a - b);
    return times[SYNCS / 2] ?? Number.NaN;
  } finally {
    await file.close();
    await rm(folder, { recursive: true });
  }
}
