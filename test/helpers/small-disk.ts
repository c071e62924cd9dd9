// A disk that a test can fill.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MB = 1e6;

/** SmallDisk is an empty disk, or a folder of the system's disk where this user cannot mount one. */
export interface SmallDisk extends Disposable {
  readonly folder: string;
  /** Megabytes of free space that `fill` does not leave. */
  readonly minFreeMB: number;
  /** Fills the disk: an own one completely, the system's by 400 MB. */
  fill(): void;
  /** Frees `bytes` of what `fill` wrote, by default all. */
  free(bytes?: number): void;
}

export function smallDisk(): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), "edge-chat-disk-"));
  const isMounted = mounted(folder);
  const filler = join(folder, "filler");
  const free = (bytes = Number.POSITIVE_INFINITY) =>
    truncateSync(filler, Math.max(0, statSync(filler).size - bytes));
  return {
    folder,
    minFreeMB: isMounted ? 16 : Math.floor(freeBytes(folder) / MB) - 200,
    fill() {
      // One page more than there is, so that no free page is left.
      const bytes = isMounted ? freeBytes(folder) + 4_096 : 400 * MB;
      try {
        writeFileSync(filler, Buffer.alloc(bytes));
      } catch (error) {
        if (!isMounted || !(error instanceof Error && "code" in error && error.code === "ENOSPC"))
          throw error;
      }
    },
    free,
    [Symbol.dispose]() {
      if (isMounted) execFileSync("umount", ["--lazy", folder]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Mounts a disk of 64 MB at `folder`. Gives false where only an administrator can, or no such disk exists. */
function mounted(folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
