/** Release: the built service in a folder of its own, reused until a source changes. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { StartError } from "./start-error.ts";

/** File of a release with its manifest. */
export const MANIFEST_FILE = "manifest.json";

/** What a release depends on. */
const SOURCES = ["src", "static", "package.json", "package-lock.json", "wrangler.toml"];

/** Output of the build inside SOURCES. Another build may be writing it at the same time. */
const BUILT = [join("static", "build"), join("static", "index.html")];

const Manifest = v.object({
  /** Variables of wrangler.toml with their defaults. */
  vars: v.record(v.string(), v.string()),
  /** Whether wrangler.toml has the objects that run in workers. */
  hasRelays: v.boolean(),
  workerFirst: v.union([v.boolean(), v.array(v.string())]),
});

/** ReleaseManifest is what a start needs of wrangler.toml. */
export type ReleaseManifest = v.InferOutput<typeof Manifest>;

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
export function installRelease(release: string, folder: string): ReleaseManifest {
  try {
    rmSync(folder, { recursive: true, force: true });
    // The entity tags of the pages contain the time of their files.
    cpSync(release, folder, { recursive: true, preserveTimestamps: true });
    return v.parse(Manifest, JSON.parse(readFileSync(join(folder, MANIFEST_FILE), "utf8")));
  } catch (error) {
    throw new StartError(`Cannot copy the built service to ${folder}: ${String(error)}.`);
  }
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
