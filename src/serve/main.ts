/**
 * The self-hosting server: `npm run serve` runs the service on workerd, without an account. It builds the service
 * if a source has changed, starts the runtime and prints where it listens.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { freeAddress, hostAndPort } from "./address.ts";
import { parseOptions } from "./options.ts";
import { installRelease, isBuilt, type ReleaseConfig, releaseFolder, writeConfig } from "./release.ts";
import { startRuntime } from "./runtime.ts";
import { printStartError, StartError } from "./start-error.ts";
import { claimState } from "./state.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");

/** How often, in ms, to check that npm still runs. */
const PARENT_CHECK_MS = 500;

await printStartError(serve(process.argv.slice(2)));

/** Serves until a signal asks it to stop. Throws a StartError if it cannot start or go on. */
async function serve(args: readonly string[]): Promise<void> {
  const options = parseOptions(args, join(ROOT, ".wrangler", "serve"));
  const host = await freeAddress(options.host, options.port);
  const release = await builtRelease();
  const lock = claimState(options.state);
  const folder = join(options.state, "release");
  const config = installRelease(release, folder);
  rejectUnknown(options.vars, config);

  const runtime = await startRuntime({
    config: writeConfig(folder, config, options.vars),
    name: config.name,
    address: hostAndPort(host, options.port),
    state: options.state,
  });
  if (typeof runtime !== "object")
    throw new StartError("The runtime ended before it listened; its output is above.");
  const stopping = stopRequested();
  console.log(`listening on http://${hostAndPort(options.host, runtime.port)}`);
  const end = await Promise.race([stopping, runtime.ended]);
  await runtime.stop();
  lock.close();
  // Ctrl-C reaches the whole process group, so the runtime may end before this process handles the signal.
  if (end !== undefined && end !== "SIGINT") throw new StartError(`The runtime ended with ${end}.`);
}

/** Resolves when a signal asks this process, or the npm that started it, to stop. */
function stopRequested(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve());
  // npm sends signals only to its shell, which ends without passing them on.
  const parent = process.ppid;
  const check = () => process.ppid === parent || resolve();
  if (process.env.npm_lifecycle_event !== undefined) setInterval(check, PARENT_CHECK_MS).unref();
  return promise;
}

/** Folder of the release of the current sources, which is built first if necessary; the output goes to stderr. */
async function builtRelease(): Promise<string> {
  const release = releaseFolder(ROOT);
  if (isBuilt(release)) return release;
  const build = spawn(process.execPath, [join(import.meta.dirname, "build.ts")], { stdio: ["ignore", 2, 2] });
  const [code] = await once(build, "exit");
  if (code !== 0) throw new StartError("The service does not build; the reason is above.");
  if (!isBuilt(release)) throw new StartError("The sources changed while they were built; start again.");
  return release;
}

function rejectUnknown(vars: Readonly<Record<string, string>>, config: ReleaseConfig): void {
  const known = Object.keys(config.vars).filter((name) => typeof config.vars[name] === "string");
  const unknown = Object.keys(vars).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new StartError(`There is no variable ${unknown} in wrangler.toml. It has ${known.join(", ")}.`);
}
