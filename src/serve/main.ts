/**
 * The self-hosting server: `npm run serve` runs the service on workerd, without an account and without a proxy of
 * the development tools. It builds what is out of date, starts the runtime, and says where it listens.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { freeAddress, hostAndPort } from "./address.ts";
import { parseOptions } from "./options.ts";
import { keptRelease, type Release } from "./release.ts";
import { startRuntime } from "./runtime.ts";
import { orSayWhyNot, StartError } from "./start-error.ts";
import { claimState } from "./state.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");

/** How often, in ms, to look whether npm still waits for this process. */
const PARENT_LOOK_MS = 500;

await orSayWhyNot(serve(process.argv.slice(2)));

/** Serves until the process is told to stop. Throws a StartError where it cannot, or cannot go on. */
async function serve(args: readonly string[]): Promise<void> {
  const options = parseOptions(args, join(ROOT, ".wrangler", "serve"));
  const release = keptRelease(ROOT) ?? (await newRelease());
  refuseUnknown(options.vars, release.vars);
  const address = await freeAddress(options.host, options.port);
  const lock = claimState(options.state);
  const vars = { ...release.vars, ...options.vars };
  const runtime = await startRuntime(release.config, address, options.state, vars);

  const told = toldToStop();
  console.log(`listening on http://${hostAndPort(options.host, runtime.port)}`);
  const unasked = await Promise.race([told, runtime.ended]);
  await runtime.stop();
  lock.close();
  // Ctrl-C reaches the whole process group, so the runtime may end of it before this process hears of it.
  if (unasked !== undefined && unasked !== "SIGINT") {
    throw new StartError(`The runtime ended unasked, with ${unasked}.`);
  }
}

/** Fulfilled when a signal says to stop, or npm was told in this process's place. */
function toldToStop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve());
  // npm hands signals to its shell, which ends of them without a word to the program that it runs.
  const parent = process.ppid;
  const look = () => process.ppid === parent || resolve();
  if (process.env.npm_lifecycle_event !== undefined) setInterval(look, PARENT_LOOK_MS).unref();
  return promise;
}

/** Runs the build, and gives what it kept. What it says goes to stderr. */
async function newRelease(): Promise<Release> {
  const build = spawn(process.execPath, [join(import.meta.dirname, "build.ts")], { stdio: ["ignore", 2, 2] });
  const [code] = await once(build, "exit");
  if (code !== 0) throw new StartError("The service does not build; the reason is above.");
  const release = keptRelease(ROOT);
  if (release === undefined) throw new StartError("The sources changed while they were built; start again.");
  return release;
}

function refuseUnknown(
  given: Readonly<Record<string, string>>,
  known: Readonly<Record<string, string>>,
): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  throw new StartError(
    `There is no variable ${unknown} in wrangler.toml, which has ${Object.keys(known).join(", ")}.`,
  );
}
