/** Release: the built service, kept in one file so that a server starts at once when nothing has changed. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Release is the service, ready to run. */
export interface Release {
  /** Configuration of workerd as binary Cap'n Proto: Worker, pages and all, whatever happens to the files. */
  readonly config: Uint8Array;
  /** Variables with the values that wrangler.toml gives them. */
  readonly vars: Readonly<Record<string, string>>;
}

/** What a release is made of. */
const SOURCES = ["src", "static", "package.json", "package-lock.json", "wrangler.toml"];

/** What the build writes among them. It follows from the rest, and another build may be writing it right now. */
const BUILT = [join("static", "build"), join("static", "index.html")];

/** How long, in ms, a start waits for another that is building. */
const BUILD_PATIENCE_MS = 120_000;

/** The kept release of the project in `root`; undefined where there is none of the sources as they now stand. */
export function keptRelease(root: string): Release | undefined {
  using kept = openKept(root);
  kept.exec("BEGIN");
  return readRelease(kept, fingerprintOf(root));
}

/**
 * Keeps what `build` makes of the sources in `root`, unless that is kept already. Builds come one at a time: who
 * waited finds what the other built. The lock is SQLite's, so a builder that is killed leaves none behind.
 */
export async function keepRelease(root: string, build: (root: string) => Promise<Release>): Promise<void> {
  using kept = openKept(root);
  kept.exec("BEGIN IMMEDIATE");
  const fingerprint = fingerprintOf(root);
  if (readRelease(kept, fingerprint) !== undefined) return;
  writeRelease(kept, fingerprint, await build(root));
  kept.exec("COMMIT");
}

function openKept(root: string): DatabaseSync {
  mkdirSync(join(root, ".wrangler"), { recursive: true });
  const path = join(root, ".wrangler", "serve-release.sqlite");
  return new DatabaseSync(path, { timeout: BUILD_PATIENCE_MS });
}

function readRelease(kept: DatabaseSync, fingerprint: string): Release | undefined {
  const table = kept.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'release'");
  if (table.get() === undefined) return undefined;
  const row = kept.prepare("SELECT config FROM release WHERE fingerprint = ?").get(fingerprint);
  if (!(row?.config instanceof Uint8Array)) return undefined;
  const vars = kept.prepare("SELECT name, value FROM vars").all();
  return {
    config: row.config,
    vars: Object.fromEntries(vars.map(({ name, value }) => [String(name), String(value)])),
  };
}

function writeRelease(kept: DatabaseSync, fingerprint: string, { config, vars }: Release): void {
  kept.exec("DROP TABLE IF EXISTS release; CREATE TABLE release (fingerprint TEXT, config BLOB)");
  kept.exec("DROP TABLE IF EXISTS vars; CREATE TABLE vars (name TEXT, value TEXT)");
  kept.prepare("INSERT INTO release VALUES (?, ?)").run(fingerprint, config);
  const insert = kept.prepare("INSERT INTO vars VALUES (?, ?)");
  for (const [name, value] of Object.entries(vars)) insert.run(name, value);
}

/** Hash over the paths and contents of the sources. */
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
