/**
 * `npm run check`: static checks of the whole tree. Prints the output of each check that fails, and exits
 * with 1 if any did.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";

type Outcome = { name: string; ok: boolean; output: string };

/** Platform-specific packages that the lock file must name, so that `npm ci` works on macOS and Windows too. */
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

const sources = await files("*.ts", "*.tsx");
/** Paths of all files that some tsconfig.json includes. */
const typeChecked = new Set<string>();

const outcomes = await Promise.all([
  tool("biome", "@biomejs/biome/bin/biome", ["ci", "--colors=off", "."]),
  ...(await files("*tsconfig.json")).map(typeCheck),
  tool("wrangler types", "wrangler/bin/wrangler.js", [
    ...["types", "src/env.d.ts", "--include-runtime=false", "--strict-vars=false", "--check"],
  ]),
  lockFile(),
  bundle(),
  links(),
]);
outcomes.push(uncheckedFiles());

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

/** Paths of the files that match `patterns` and that git does not ignore. */
async function files(...patterns: string[]): Promise<string[]> {
  const { output } = await run("git", ["ls-files", "-co", "--exclude-standard", ...patterns]);
  return output.split("\n").filter((path) => path !== "" && existsSync(path));
}

/** Runs a script of an installed package with this Node. Unlike `node_modules/.bin`, it also works on Windows. */
async function tool(name: string, script: string, args: string[]): Promise<Outcome> {
  return { name, ...(await run(process.execPath, [resolve("node_modules", script), ...args])) };
}

/** Type-checks one project and records the files that it includes, which the compiler lists by absolute path. */
async function typeCheck(tsconfig: string): Promise<Outcome> {
  const args = ["--project", tsconfig, "--listFiles", "--pretty", "false"];
  const { name, ok, output } = await tool(`tsc -p ${dirname(tsconfig)}`, "typescript/bin/tsc", args);
  const lines = output.split(/\r?\n/);
  for (const line of lines.filter(isAbsolute)) {
    typeChecked.add(relative(".", line).split(sep).join("/"));
  }
  return { name, ok, output: lines.filter((line) => !isAbsolute(line)).join("\n") };
}

/** Reports sources that no tsconfig.json includes: nothing would type-check them. */
function uncheckedFiles(): Outcome {
  const unchecked = sources.filter((path) => !typeChecked.has(path));
  return {
    name: "files that no tsconfig.json includes",
    ok: unchecked.length === 0,
    output: unchecked.join("\n"),
  };
}

/** Reports relative links in Markdown files whose target does not exist. */
async function links(): Promise<Outcome> {
  const broken: string[] = [];
  for (const file of await files("*.md")) {
    for (const [, target = ""] of readFileSync(file, "utf8").matchAll(/\]\(([^)#:\s]+)(?:#[^)\s]*)?\)/g)) {
      if (!existsSync(resolve(dirname(file), target))) broken.push(`${file}: ${target}`);
    }
  }
  return { name: "links in Markdown", ok: broken.length === 0, output: broken.join("\n") };
}

/** Bundles the Worker as for a deploy. The size that README.md states may differ by 4 KiB. */
async function bundle(): Promise<Outcome> {
  const { name, ok, output } = await tool("wrangler deploy", "wrangler/bin/wrangler.js", [
    "deploy",
    "--dry-run",
  ]);
  const size = Number(/gzip: ([\d.]+) KiB/.exec(output)?.[1]);
  const stated = Number(/The Worker is (\d+) KiB gzipped/.exec(readFileSync("README.md", "utf8"))?.[1]);
  if (ok && Math.abs(size - stated) <= 4) return { name, ok, output };
  return {
    name,
    ok: false,
    output: `${output}\nREADME.md says ${stated} KiB gzipped, the bundle has ${size}`,
  };
}

/** Reports what would make `npm ci` fail elsewhere: addresses of one registry, or missing platforms. */
async function lockFile(): Promise<Outcome> {
  const text = readFileSync("package-lock.json", "utf8");
  const missing = FOREIGN_BUILDS.filter((name) => !text.includes(`"node_modules/${name}": {`));
  const problems = missing.map((name) => `no ${name}: install versions that have builds for every platform`);
  if (/"resolved": /.test(text))
    problems.push('has "resolved" addresses: install with this repository\'s .npmrc');
  return { name: "package-lock.json", ok: problems.length === 0, output: problems.join("\n") };
}
