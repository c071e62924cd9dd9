/**
 * Build: makes a release from the sources. It is a program of its own, run only when a source has changed: the
 * tools that it loads need more time than a start and more memory than a server should hold.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { build } from "esbuild";
import { type Unstable_Config, unstable_readConfig } from "wrangler";
import { buildPage } from "../page/build.ts";
import { CONFIG_FILE, isBuilt, PAGES_FOLDER, releaseFolder, releasesFolder, WORKER_FILE } from "./release.ts";
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
    await Promise.all([buildPage(), bundleWorker(root, join(folder, WORKER_FILE))]);
    cpSync(join(root, config.assets.directory), join(folder, PAGES_FOLDER), {
      recursive: true,
      preserveTimestamps: true,
    });
    writeFileSync(join(folder, CONFIG_FILE), JSON.stringify(releaseConfig(config)));
    if (releaseFolder(root) !== release)
      throw new StartError("The sources changed while they were built; start again.");
    // Another start may have built the same sources meanwhile.
    if (!isBuilt(release)) renameSync(folder, release);
    removeOthers(release);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bundles the front, with the Worker inside it, into `file`. */
async function bundleWorker(root: string, file: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, "worker", "front.ts")],
    outfile: file,
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*", "node:*"],
    alias: { app: join(root, "src", "index.ts") },
  });
}

/** The configuration of wrangler.toml as the runtime reads it: it rejects fields that it does not know. */
function releaseConfig(config: Unstable_Config): object {
  for (const [name, value] of Object.entries(config.vars)) {
    if (typeof value !== "string")
      throw new StartError(`The variable ${name} in wrangler.toml is not a string.`);
  }
  return {
    name: config.name,
    main: WORKER_FILE,
    no_bundle: true,
    compatibility_date: config.compatibility_date,
    compatibility_flags: config.compatibility_flags,
    vars: { ...config.vars, SERVE: { workerFirst: config.assets?.run_worker_first ?? false } },
    durable_objects: {
      bindings: config.durable_objects.bindings.map(({ name, class_name }) => ({ name, class_name })),
    },
    migrations: config.migrations,
    // The front sees every request: it also compresses the pages.
    assets: { ...config.assets, directory: PAGES_FOLDER, run_worker_first: true },
  };
}

/** Removes the releases of older sources. */
function removeOthers(release: string): void {
  for (const name of readdirSync(releasesFolder(ROOT))) {
    // Another build may be writing to a folder whose name is not a fingerprint.
    if (!/^[0-9a-f]{64}$/.test(name) || name === basename(release)) continue;
    rmSync(join(releasesFolder(ROOT), name), { recursive: true, force: true });
  }
}
