/**
 * Finds Bun. It is no dependency of the project: its package downloads and replaces files when it is installed, and only
 * this bench uses it.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const VERSION = "1.4.5";
/** A first download takes half a minute. */
const TIMEOUT_MS = 300_000;

/** Returns the path of Bun's program, downloaded by npm if necessary, or `null` if it is not available. */
export async function findBun(): Promise<string | null> {
  const args = ["--yes", `bun@${VERSION}`, "-e", "console.log(process.execPath)"];
  try {
    const { stdout } = await promisify(execFile)("npx", args, { timeout: TIMEOUT_MS });
    return stdout.trim();
  } catch {
    return null;
  }
}
