// The folder of Linux whose files are in memory.
import { statfsSync } from "node:fs";

export const MEMORY_FOLDER = "/dev/shm";

/** More than all tests that run at the same time need. */
const MIN_FREE_BYTES = 4 * 1024 ** 3;

/** Whether there is such a folder with enough space: containers often have 64 MB. */
export function hasMemoryFolder(): boolean {
  if (process.platform !== "linux") return false;
  try {
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
    return bavail * bsize >= MIN_FREE_BYTES;
  } catch {
    return false;
  }
}
