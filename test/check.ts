/**
 * Checks the tree without running it: format and lint, types on every side, generated types, the lock file.
 * `npm run check` runs it; each tool that fails has its output printed, and the exit code is then 1.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";

type Outcome = { name: string; ok: boolean; output: string };

/** Builds that the lock file must name, so that `npm ci` works on every system people develop on. */
const FOREIGN_BUILDS = [
  "@biomejs/cli-darwin-arm64",
  "@biomejs/cli-darwin-x64",
  "@biomejs/cli-win32-x64",
  "@cloudflare/workerd-darwin-64",
  "@cloudflare/workerd-darwin-arm64",
  "@cloudflare/workerd-windows-64",
  "@esbuild/darwin-arm64",
  "@esbuild/darwin-x64",
  "@esbuild/win32-x64",
  "@typescript/typescript-darwin-arm64",
  "@typescript/typescript-darwin-x64",
  "@typescript/typescript-win32-x64",
];

const tracked = (
  await run("git", ["ls-files", "-co", "--exclude-standard", "*.ts", "*.tsx", "*tsconfig.json"])
).output
  .split("\n")
  .filter((path) => path !== "");
const tsconfigs = tracked.filter((path) => path.endsWith("tsconfig.json"));
const seenByCompiler = new Set<string>();

const outcomes = await Promise.all([
  tool("biome", "@biomejs/biome/bin/biome", ["ci", "--colors=off", "."]),
  ...tsconfigs.map(typeCheck),
  tool("wrangler types", "wrangler/bin/wrangler.js", [
    ...["types", "src/env.d.ts", "--include-runtime=false", "--strict-vars=false", "--check"],
  ]),
  lockFile(),
  bundle(),
]);
outcomes.push(everyFileHasItsCompiler());

const failed = outcomes.filter((outcome) => !outcome.ok);
for (const { name, output } of failed) console.error(`\n--- ${name}\n${output.trimEnd()}`);
console.log(failed.length === 0 ? `${outcomes.length} checks passed` : `\n${failed.length} checks failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Runs a program in the repository's root. */
function run(file: string, args: string[]): Promise<Omit<Outcome, "name">> {
  return new Promise((done) => {
    execFile(file, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      done({ ok: error === null, output: stdout + stderr });
    });
  });
}

/** Runs the script of an installed package with this Node, which works the same on every system. */
async function tool(name: string, script: string, args: string[]): Promise<Outcome> {
  return { name, ...(await run(process.execPath, [resolve("node_modules", script), ...args])) };
}

/** Runs the compiler on one side of the project, and keeps which files it saw: it lists them by absolute path. */
async function typeCheck(tsconfig: string): Promise<Outcome> {
  const args = ["--project", tsconfig, "--listFiles", "--pretty", "false"];
  const { name, ok, output } = await tool(`tsc -p ${dirname(tsconfig)}`, "typescript/bin/tsc", args);
  const lines = output.split(/\r?\n/);
  for (const line of lines.filter(isAbsolute)) {
    seenByCompiler.add(relative(".", line).split(sep).join("/"));
  }
  return { name, ok, output: lines.filter((line) => !isAbsolute(line)).join("\n") };
}

/** Finds sources that no tsconfig.json includes, which nothing would type-check. */
function everyFileHasItsCompiler(): Outcome {
  const unseen = tracked.filter((path) => /\.tsx?$/.test(path) && !seenByCompiler.has(path));
  return {
    name: "files that no tsconfig.json includes",
    ok: unseen.length === 0,
    output: unseen.join("\n"),
  };
}

/** Bundles the Worker as for Cloudflare. README.md, which says how large it is, may be off by 4 KiB. */
async function bundle(): Promise<Outcome> {
  const { name, ok, output } = await tool("wrangler deploy", "wrangler/bin/wrangler.js", [
    "deploy",
    "--dry-run",
  ]);
  const size = Number(/gzip: ([\d.]+) KiB/.exec(output)?.[1]);
  const told = Number(/The Worker is (\d+) KiB gzipped/.exec(readFileSync("README.md", "utf8"))?.[1]);
  if (ok && Math.abs(size - told) <= 4) return { name, ok, output };
  return { name, ok: false, output: `${output}\nREADME.md says ${told} KiB gzipped, the bundle has ${size}` };
}

/** Finds what would make `npm ci` fail elsewhere: download addresses of one registry, builds of one system. */
async function lockFile(): Promise<Outcome> {
  const text = readFileSync("package-lock.json", "utf8");
  const missing = FOREIGN_BUILDS.filter((name) => !text.includes(`"node_modules/${name}": {`));
  const problems = missing.map((name) => `no ${name}: install versions that have builds for every system`);
  if (/"resolved": /.test(text))
    problems.push('has "resolved" addresses: install with this repository\'s .npmrc');
  return { name: "package-lock.json", ok: problems.length === 0, output: problems.join("\n") };
}
