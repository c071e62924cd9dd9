/**
 * The self-hosting server: `npm run serve` runs the service on workerd, without an account. It builds the service
 * if a source has changed, starts the runtime, prints where it listens and restarts it if it ends.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { freeAddress, hostAndPort, hostNames, reachable } from "./address.ts";
import { SECRETS } from "./config.ts";
import { descriptorLimit } from "./descriptors.ts";
import { DiskWatch, freeBytes, tellFront } from "./disk.ts";
import { HELP, parseOptions, type ServeOptions } from "./options.ts";
import { installRelease, isBuilt, releaseFolder } from "./release.ts";
import { startRuntime } from "./runtime.ts";
import { printStartError, StartError } from "./start-error.ts";
import { claimState, removeEmptyRooms } from "./state.ts";
import { supervise } from "./supervise.ts";
import type { FrontSettings } from "./worker/settings.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");

/** How often, in ms, to check that npm still runs. */
const PARENT_CHECK_MS = 500;

/** Variables with other defaults here: in one process, relays would share the thread of their room. */
const DEFAULTS = { RELAY_AFTER: "0" } as const;

await printStartError(main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args, join(ROOT, ".wrangler", "serve"));
  if (options.help) console.log(HELP);
  else await serve(options);
}

/** Serves until a signal asks it to stop. Throws a StartError if it cannot start. */
async function serve(options: ServeOptions): Promise<void> {
  const host = await freeAddress(options.host, options.port);
  const built = await builtRelease();
  using _lock = claimState(options.state);
  removeEmptyRooms(options.state);
  const release = join(options.state, "release");
  const { vars, workerFirst } = installRelease(built, release);
  rejectUnknown(options.vars, vars);
  const limit = descriptorLimit();
  const token = randomUUID();
  const settings: Omit<FrontSettings, "isDiskFull"> = {
    workerFirst,
    trustedProxies: options.trustProxies,
    allowedHosts: hostNames(options.host, host, options.allowHosts),
    maxDescriptors: limit?.accepted ?? null,
    token,
  };
  let url: string | undefined;
  const disk = new DiskWatch({
    minFree: options.minFree,
    measure: () => freeBytes(options.state),
    // A runtime that starts has it in its settings.
    tell: async (isFull) => url === undefined || tellFront(url, token, isFull),
  });
  await disk.check();
  const start = (port: number) => {
    const SERVE = JSON.stringify({ ...settings, isDiskFull: disk.isFull } satisfies FrontSettings);
    const secrets = Object.fromEntries(SECRETS.map((name) => [name, process.env[name] ?? ""]));
    const env = { ...vars, ...DEFAULTS, ...options.vars, ...secrets, SERVE };
    return startRuntime({ release, address: hostAndPort(host, port), state: options.state, env });
  };

  const runtime = await start(options.port);
  if (typeof runtime !== "object")
    throw new StartError("The runtime ended before it listened; its output is above.");
  const stopping = stopRequested();
  if (limit !== undefined)
    console.log(`up to ${limit.connections} connections, by the limit of ${limit.system} open files`);
  console.log(`listening on http://${hostAndPort(options.host, runtime.port)}`);
  url = `http://${hostAndPort(reachable(host), runtime.port)}`;
  void disk.run();
  await supervise(runtime, () => start(runtime.port), stopping);
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
