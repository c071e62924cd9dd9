/** Release: the built service in a folder of its own, reused until a source changes. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { StartError } from "./start-error.ts";

/** Names inside a release: the runtime's configuration, the bundled Worker and the page's files. */
export const CONFIG_FILE = "wrangler.json";
export const WORKER_FILE = "worker.js";
export const PAGES_FOLDER = "pages";

/** What a release depends on. */
const SOURCES = ["src", "static", "package.json", "package-lock.json", "wrangler.toml"];

/** Output of the build inside SOURCES. Another build may be writing it at the same time. */
const BUILT = [join("static", "build"), join("static", "index.html")];

const Config = v.looseObject({ name: v.string(), vars: v.record(v.string(), v.unknown()) });

/** ReleaseConfig is the part of a release's configuration that a start reads and changes. */
export type ReleaseConfig = v.InferOutput<typeof Config>;

/** Absolute path of the folder that holds, or will hold, the release of the current sources in `root`. */
export function releaseFolder(root: string): string {
  return join(releasesFolder(root), fingerprintOf(root));
}

/** Absolute path of the folder of all releases of `root`. */
export function releasesFolder(root: string): string {
  return join(root, ".wrangler", "serve-releases");
}

/** Whether `release` is complete: a build writes to another folder and renames it at the end. */
export function isBuilt(release: string): boolean {
  return existsSync(release);
}

/**
 * Copies `release` to `folder`, so that a later build does not change the pages of a running server. Throws a
 * StartError if the folder cannot be written.
 */
export function installRelease(release: string, folder: string): ReleaseConfig {
  try {
    rmSync(folder, { recursive: true, force: true });
    // The entity tags of the pages contain the time of their files.
    cpSync(release, folder, { recursive: true, preserveTimestamps: true });
    return v.parse(Config, JSON.parse(readFileSync(join(folder, CONFIG_FILE), "utf8")));
  } catch (error) {
    throw new StartError(`Cannot copy the built service to ${folder}: ${String(error)}.`);
  }
}

/** Writes `config` with `vars` added or replaced. Gives the path of the file. */
export function writeConfig(
  folder: string,
  config: ReleaseConfig,
  vars: Readonly<Record<string, unknown>>,
): string {
  const path = join(folder, CONFIG_FILE);
  writeFileSync(path, JSON.stringify({ ...config, vars: { ...config.vars, ...vars } }));
  return path;
}

/** Hash of the paths and contents of the sources. */
function fingerprintOf(root: string): string {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap((source) => filesUnder(root, source)).sort()) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

function filesUnder(root: string, path: string): string[] {
  if (BUILT.includes(path)) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((name) => filesUnder(root, join(path, name)));
}
