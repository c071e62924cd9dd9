// Holds the rule of who may import whom: each forbidden import is tried, and the linter must refuse it.
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import * as v from "valibot";
import { beforeAll, expect, test } from "vitest";

const FORBIDDEN = [
  ["src/protocol/probe.ts", "../room/room.ts"],
  ["src/protocol/probe.ts", "../client/index.ts"],
  ["src/protocol/probe.ts", "cloudflare:workers"],
  ["src/protocol/probe.ts", "node:fs"],
  ["src/client/probe.ts", "../room/room.ts"],
  ["src/client/probe.ts", "../app.ts"],
  ["src/client/probe.ts", "../page/app.tsx"],
  ["src/client/probe.ts", "node:fs"],
  ["src/client/probe.ts", "cloudflare:workers"],
  ["src/room/room.ts", "../client/index.ts"],
  ["src/room/room.ts", "../app.ts"],
  ["src/room/room.ts", "cloudflare:workers"],
  ["src/room/chat-room.ts", "../client/index.ts"],
  ["src/page/probe.tsx", "../room/room.ts"],
  ["src/page/probe.tsx", "../app.ts"],
  ["src/page/probe.tsx", "../app/api.ts"],
  ["src/page/probe.tsx", "node:fs"],
  ["src/page/components/probe.tsx", "../../room/room.ts"],
  ["src/page/components/probe.tsx", "../../app.ts"],
  ["src/page/components/probe.tsx", "../../serve/main.ts"],
  ["src/serve/probe.ts", "../room/room.ts"],
  ["src/serve/probe.ts", "../client/index.ts"],
  ["src/app.ts", "./room/chat-room.ts"],
  ["src/app.ts", "./client/index.ts"],
  ["src/app.ts", "cloudflare:workers"],
  ["src/app/probe.ts", "../room/room.ts"],
  ["src/app/probe.ts", "../client/index.ts"],
  ["src/app/probe.ts", "cloudflare:workers"],
  ["src/index.ts", "./client/index.ts"],
] as const;

const ALLOWED = [
  ["src/protocol/probe.ts", "./frame.ts"],
  ["src/protocol/probe.ts", "valibot"],
  ["src/client/probe.ts", "../protocol/frame.ts"],
  ["src/room/room.ts", "../protocol/frame.ts"],
  ["src/room/chat-room.ts", "cloudflare:workers"],
  ["src/room/chat-room.ts", "./room.ts"],
  ["src/page/components/probe.tsx", "../../client/index.ts"],
  ["src/page/components/probe.tsx", "../app.tsx"],
  ["src/app.ts", "./protocol/room-name.ts"],
  ["src/app/probe.ts", "../protocol/room-name.ts"],
  ["src/index.ts", "./room/chat-room.ts"],
] as const;

const Report = v.object({
  diagnostics: v.array(
    v.object({ location: v.object({ path: v.string(), start: v.object({ line: v.number() }) }) }),
  ),
});

/** The imports that the linter refuses, as `file imports module`. */
let refused: Set<string>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "edge-chat-layers-"));
  try {
    await copyFile("biome.json", join(folder, "biome.json"));
    const imports = Map.groupBy([...FORBIDDEN, ...ALLOWED], ([file]) => file);
    for (const [file, pairs] of imports) {
      await mkdir(join(folder, dirname(file)), { recursive: true });
      await writeFile(join(folder, file), pairs.map(([, module]) => `import "${module}";\n`).join(""));
    }
    const report = v.parse(Report, JSON.parse(await lint(folder)));
    const found = report.diagnostics.map(({ location: { path, start } }) => {
      const pair = [...imports].find(([file]) => file === path.replaceAll("\\", "/"))?.[1][start.line - 1];
      return pair?.join(" imports ") ?? `${path}:${start.line}`;
    });
    refused = new Set(found);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each(FORBIDDEN)("%s must not import %s", (file, module) => {
  expect(refused).toContain(`${file} imports ${module}`);
});

test.each(ALLOWED)("%s may import %s", (file, module) => {
  expect(refused).not.toContain(`${file} imports ${module}`);
});

/** Runs the import rules alone over a folder, and gives the linter's report as JSON text. */
function lint(folder: string): Promise<string> {
  const biome = resolve("node_modules/@biomejs/biome/bin/biome");
  const args = ["lint", "--vcs-enabled=false", "--only=style/noRestrictedImports"];
  return new Promise((done) => {
    // Its exit code is 1 where it refuses anything, which is what it is here for.
    execFile(
      process.execPath,
      [biome, ...args, "--max-diagnostics=none", "--reporter=json", "."],
      { cwd: folder },
      (_, stdout) => done(stdout),
    );
  });
}
