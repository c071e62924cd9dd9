/**
 * Build: makes a release from the sources. It is a program of its own, run only when a source has changed: the
 * tools that it loads need more time than a start and more memory than a server should hold.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { build } from "esbuild";
import { type Unstable_Config, unstable_readConfig } from "wrangler";
import { buildPage } from "../page/build.ts";
import {
  CONFIG_FILES,
  PAGES_FOLDER,
  type ProcessType,
  RATE_LIMIT_FILE,
  RELAY_CLASS,
  runtimeConfig,
  WORKER_FILE,
} from "./config.ts";
import { isBuilt, MANIFEST_FILE, type ReleaseManifest, releaseFolder, releasesFolder } from "./release.ts";
import { printStartError, StartError } from "./start-error.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");

await printStartError(buildRelease(ROOT));

/** Builds the release of the sources in `root`. Throws a StartError if they do not build. */
async function buildRelease(root: string): Promise<void> {
  const release = releaseFolder(root);
  mkdirSync(releasesFolder(root), { recursive: true });
  const folder = mkdtempSync(join(releasesFolder(root), "build-"));
  try {
    const config = unstable_readConfig({ config: join(root, "wrangler.toml") }, { hideWarnings: true });
    if (config.assets?.directory === undefined)
      throw new StartError("wrangler.toml names no folder of assets.");
    await Promise.all([
      buildPage(),
      bundle(root, "front.ts", join(folder, WORKER_FILE)),
      bundle(root, "rate-limit.ts", join(folder, RATE_LIMIT_FILE)),
    ]);
    const pages = join(root, config.assets.directory);
    cpSync(pages, join(folder, PAGES_FOLDER), { recursive: true, preserveTimestamps: true });
    const rules = join(pages, "_headers");
    const headers = existsSync(rules) ? readFileSync(rules, "utf8") : "";
    const types: readonly ProcessType[] = ["alone", "sequencer", "worker"];
    for (const type of types)
      writeFileSync(join(folder, CONFIG_FILES[type]), runtimeConfig(type, config, headers));
    writeFileSync(join(folder, MANIFEST_FILE), JSON.stringify(manifestOf(config)));
    if (releaseFolder(root) !== release)
      throw new StartError("The sources changed while they were built; start again.");
    // Another start may have built the same sources meanwhile.
    if (!isBuilt(release)) renameSync(folder, release);
    removeOthers(release);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bundles a module of `worker/` into `file`. The front has the Worker inside it. */
async function bundle(root: string, module: string, file: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, "worker", module)],
    outfile: file,
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*", "node:*"],
    alias: { app: join(root, "src", "index.ts") },
  });
}

function manifestOf(config: Unstable_Config): ReleaseManifest {
  const vars = Object.entries(config.vars).map(([name, value]): [string, string] => {
    if (typeof value === "string") return [name, value];
    throw new StartError(`The variable ${name} in wrangler.toml is not a string.`);
  });
  return {
    vars: Object.fromEntries(vars),
    hasRelays: config.durable_objects.bindings.some(({ class_name }) => class_name === RELAY_CLASS),
    workerFirst: config.assets?.run_worker_first ?? false,
  };
}

/** Removes the releases of older sources. */
function removeOthers(release: string): void {
  for (const name of readdirSync(releasesFolder(ROOT))) {
    // A folder whose name is not a fingerprint may belong to another build that runs now.
    if (!/^[0-9a-f]{64}$/.test(name) || name === basename(release)) continue;
    rmSync(join(releasesFolder(ROOT), name), { recursive: true, force: true });
  }
}
