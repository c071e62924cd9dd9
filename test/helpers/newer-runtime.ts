// A newer workerd than the project's own, for what only that one has. It has no builds for macOS and Windows yet,
// so it is no dependency: a dependency that cannot be installed everywhere would break `npm ci` there.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

/** The first workerd whose sockets tell what their reader left unread (`bufferedAmount`). */
const VERSION = "1.20261117.1";

/** Whether there is a build of it for this machine. */
export const HAS_NEWER_RUNTIME = process.platform === "linux" && process.arch === "x64";

/** Path of the newer workerd, which is installed from npm where it is not there yet. */
export async function newerRuntime(): Promise<string> {
  const folder = resolve(".tmp", `workerd-${VERSION}`);
  const binary = join(folder, "node_modules", "@cloudflare", "workerd-linux-64", "bin", "workerd");
  if (existsSync(binary)) return binary;
  // Installed beside and then moved into place, so that a half of it is never taken for the whole.
  const fresh = `${folder}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  const spec = `@cloudflare/workerd-linux-64@${VERSION}`;
  await promisify(execFile)("npm", ["install", "--no-save", "--prefix", fresh, spec], { cwd: fresh });
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
  return binary;
}
