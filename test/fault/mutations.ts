// Breaks the server on purpose, in a copy of the tree, and shows which tests notice: `npm run test:mutations`.
// A tree that is whole must pass, and each break must turn tests red; otherwise the exit code is 1. The last
// table is kept in README.md beside this file. The first argument chooses mutations by a part of their names,
// the others choose tests.
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";
import { MUTATIONS, type Mutation } from "./mutation-list.ts";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");

/** Tests that are about what the mutations break; `npm test` runs these too. */
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
if (chosen === "") await expectOutcome({ name: "none", edits: [] }, false);
for (const mutation of MUTATIONS) if (mutation.name.includes(chosen)) await expectOutcome(mutation, true);
console.log(`\n| break | tests that went red |\n|---|---|\n${rows.join("\n")}`);

/** Runs the tests on the tree with a mutation, and notes what they said. */
async function expectOutcome(mutation: Mutation, isRed: boolean): Promise<void> {
  console.log(`${mutation.name} ...`);
  const tree = await mutatedTree(mutation);
  try {
    const red = await redTests(tree);
    const told = Array.from(
      red,
      ([file, titles]) => `${file}: ${titles.length}, ${titles[0] ?? "all of it"}`,
    );
    rows.push(`| ${mutation.name} | ${told.join("<br>") || "none"} |`);
    console.log(told.map((line) => `  ${line}`).join("\n") || "  nothing went red");
    if (red.size > 0 !== isRed) process.exitCode = 1;
  } finally {
    await rm(tree, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A copy of the tree as it stands, uncommitted changes and all, with the mutation in it. */
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

/** Titles of the tests that fail, by file; a file that fails as a whole has none. */
async function redTests(tree: string): Promise<Map<string, string[]>> {
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
    // A run with red tests ends so; what went red is in the report.
  }
  const { testResults } = v.parse(Report, JSON.parse(await readFile(output, "utf8")));
  const red = new Map<string, string[]>();
  for (const { name, status, assertionResults } of testResults) {
    const failed = assertionResults.filter((test) => test.status === "failed").map(({ title }) => title);
    if (failed.length > 0 || status === "failed") red.set(relative(tree, name), failed);
  }
  return red;
}
