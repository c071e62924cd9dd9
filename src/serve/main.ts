/**
 * The self-hosting server: `npm run serve` runs the service on workerd, without an account. It builds the service
 * if a source has changed, starts the runtime, prints where it listens and restarts it if it ends.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { freeAddress, hostAndPort, hostNames } from "./address.ts";
import { SECRETS } from "./config.ts";
import { descriptorLimit } from "./descriptors.ts";
import { DiskWatch, freeBytes, tellFront } from "./disk.ts";
import { HELP, parseOptions, type ServeOptions } from "./options.ts";
import { type Processes, startProcesses } from "./processes.ts";
import { installRelease, isBuilt, releaseFolder } from "./release.ts";
import { printStartError, StartError } from "./start-error.ts";
import { claimState, removeEmptyRooms } from "./state.ts";
import type { FrontProcess, FrontSettings } from "./worker/settings.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");

/** How often, in ms, to check that npm still runs. */
const PARENT_CHECK_MS = 500;

/** Variables with other defaults here: in one process, relays would share the thread of their room; with workers, all connections are in relays. */
const DEFAULTS = { RELAY_AFTER: "0" } as const;
/** More than one process can have: the relay of a worker takes every connection that the worker accepts. */
const UNLIMITED = "1000000";

await printStartError(main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args, join(ROOT, ".wrangler", "serve"));
  if (options.help) console.log(HELP);
  else await serve(options);
}

/** Serves until a signal asks it to stop. Throws a StartError if it cannot start. */
async function serve(options: ServeOptions): Promise<void> {
  const { state, port, workers } = options;
  const host = await freeAddress(options.host, port);
  const built = await builtRelease();
  using _lock = claimState(state);
  removeEmptyRooms(state);
  const release = join(state, "release");
  const { vars, workerFirst, hasRelays } = installRelease(built, release);
  rejectUnknown(options.vars, vars);
  if (workers > 1 && !hasRelays)
    throw new StartError("--workers takes more than 1 only with the binding RELAYS in wrangler.toml.");
  const limit = descriptorLimit();
  const token = randomUUID();
  const settings: Omit<FrontSettings, "process" | "isDiskFull"> = {
    workerFirst,
    trustedProxies: options.trustProxies,
    allowedHosts: hostNames(options.host, host, options.allowHosts),
    maxDescriptors: limit?.accepted ?? null,
    token,
  };
  let running: Processes | undefined;
  const disk = new DiskWatch({
    minFree: options.minFree,
    measure: () => freeBytes(state),
    // A runtime that starts has it in its settings.
    tell: async (isFull) => running === undefined || tellFront(running.url, token, isFull),
  });
  await disk.check();
  const env = (process: FrontProcess) => {
    const SERVE = JSON.stringify({ ...settings, process, isDiskFull: disk.isFull } satisfies FrontSettings);
    return { ...variables(vars, options.vars, workers), ...secrets(), SERVE };
  };

  running = await startProcesses({ release, state, host, port, workers, env });
  const stopping = stopRequested();
  if (limit !== undefined)
    console.log(
      `up to ${limit.connections * workers} connections, by the limit of ${limit.system} open files`,
    );
  console.log(`listening on http://${hostAndPort(options.host, running.port)}`);
  void disk.run();
  await running.supervise(stopping);
}

/** The values of the variables: those of wrangler.toml, and those `given` on the command line. */
function variables(
  defaults: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
  workers: number,
): Record<string, string> {
  const all: Record<string, string> = { ...defaults, ...DEFAULTS, ...given };
  return workers === 1 ? all : { ...all, ...DEFAULTS, RELAY_SIZE: UNLIMITED };
}

function secrets(): Record<string, string> {
  return Object.fromEntries(SECRETS.map((name) => [name, process.env[name] ?? ""]));
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

function rejectUnknown(
  given: Readonly<Record<string, string>>,
  known: Readonly<Record<string, string>>,
): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  throw new StartError(
    `There is no variable ${unknown} in wrangler.toml. It has ${Object.keys(known).join(", ")}.`,
  );
}
