// `npm run test:mutations`: breaks the server in a copy of the tree and prints which tests fail. The unchanged
// tree must pass and each mutation must fail some test; otherwise the exit code is 1. README.md has a table of
// the results. The first argument selects mutations by a part of their name, the others select tests.
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";
import { MUTATIONS, type Mutation } from "./mutation-list.ts";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");

/** Tests of the promises that the mutations break. */
const TESTS: readonly string[] = [
  ...["test/unit/room/", "test/worker/room", "test/worker/hibernation"],
  ...["test/worker/fan-out", "test/fault/"],
];

const Report = v.object({
  testResults: v.array(
    v.object({
      name: v.string(),
      status: v.string(),
      assertionResults: v.array(v.object({ status: v.string(), title: v.string() })),
    }),
  ),
});

const [chosen = "", ...tests] = process.argv.slice(2);
const rows: string[] = [];
if (chosen === "") await runMutation({ name: "none", edits: [] }, false);
for (const mutation of MUTATIONS) if (mutation.name.includes(chosen)) await runMutation(mutation, true);
console.log(`\n| mutation | failed tests |\n|---|---|\n${rows.join("\n")}`);

/** Runs the tests with a mutation and records which failed. */
async function runMutation(mutation: Mutation, mustFail: boolean): Promise<void> {
  console.log(`${mutation.name} ...`);
  const tree = await mutatedTree(mutation);
  try {
    const failed = await failedTests(tree);
    const lines = Array.from(
      failed,
      ([file, titles]) => `${file}: ${titles.length}, ${titles[0] ?? "the whole file"}`,
    );
    rows.push(`| ${mutation.name} | ${lines.join("<br>") || "none"} |`);
    console.log(lines.map((line) => `  ${line}`).join("\n") || "  no test failed");
    if (failed.size > 0 !== mustFail) process.exitCode = 1;
  } finally {
    await rm(tree, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Copies the working tree, uncommitted changes included, and applies the mutation. */
async function mutatedTree({ edits }: Mutation): Promise<string> {
  const tree = await mkdtemp(join(tmpdir(), "edge-chat-mutation-"));
  const { stdout } = await run("git", ["ls-files", "-co", "--exclude-standard"], { cwd: ROOT });
  for (const file of stdout.split("\n").filter((line) => line !== "")) {
    await cp(join(ROOT, file), join(tree, file), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(tree, "node_modules"), "junction");
  for (const { file, find, replace } of edits) {
    const path = join(tree, file);
    const text = await readFile(path, "utf8");
    await writeFile(
      path,
      text.replace(find, () => replace),
    );
  }
  return tree;
}

/** Titles of the tests that fail, by file. The list is empty if the file itself fails to load. */
async function failedTests(tree: string): Promise<Map<string, string[]>> {
  const output = join(tree, "report.json");
  const args = [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--config", "test/vitest.config.ts"];
  try {
    await run(
      process.execPath,
      [...args, "--reporter=json", `--outputFile=${output}`, ...(tests.length > 0 ? tests : TESTS)],
      {
        cwd: tree,
        maxBuffer: 256 * 1024 * 1024,
        env: { ...process.env, FAULT_SIZE: "short" },
      },
    );
  } catch {
    // The exit code is 1 if a test failed; the report says which.
  }
  const { testResults } = v.parse(Report, JSON.parse(await readFile(output, "utf8")));
  const byFile = new Map<string, string[]>();
  for (const { name, status, assertionResults } of testResults) {
    const titles = assertionResults.filter((test) => test.status === "failed").map(({ title }) => title);
    if (titles.length > 0 || status === "failed") byFile.set(relative(tree, name), titles);
  }
  return byFile;
}
