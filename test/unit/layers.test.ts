// The linter rejects each forbidden import between layers.
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
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
  ["src/room/audience.ts", "../client/index.ts"],
  ["src/room/audience.ts", "../app.ts"],
  ["src/room/audience.ts", "cloudflare:workers"],
  ["src/room/chat-room.ts", "../client/index.ts"],
  ["src/room/relays.ts", "../relay/relay.ts"],
  ["src/relay/relay.ts", "../client/index.ts"],
  ["src/relay/relay.ts", "../app.ts"],
  ["src/relay/relay.ts", "cloudflare:workers"],
  ["src/relay/room-relay.ts", "../client/index.ts"],
  ["src/app/enter.ts", "../relay/relay.ts"],
  ["src/app.ts", "./relay/room-relay.ts"],
  ["src/page/probe.tsx", "../room/room.ts"],
  ["src/page/probe.tsx", "../files/inspect.ts"],
  ["src/page/components/probe.tsx", "../../files/inspect.ts"],
  ["src/page/probe.tsx", "../app.ts"],
  ["src/page/probe.tsx", "../app/api.ts"],
  ["src/page/probe.tsx", "node:fs"],
  ["src/page/components/probe.tsx", "../../room/room.ts"],
  ["src/page/components/probe.tsx", "../../app.ts"],
  ["src/page/components/probe.tsx", "../../serve/main.ts"],
  ["src/serve/probe.ts", "../room/room.ts"],
  ["src/serve/probe.ts", "../client/index.ts"],
  ["src/room/audience.ts", "../files/inspect.ts"],
  ["src/files/probe.ts", "../room/room.ts"],
  ["src/files/probe.ts", "../app.ts"],
  ["src/files/probe.ts", "../client/index.ts"],
  ["src/files/probe.ts", "cloudflare:workers"],
  ["src/files/pictures/probe.ts", "../room-files.ts"],
  ["src/files/pictures/probe.ts", "node:fs"],
  ["src/files/room-files.ts", "../room/room.ts"],
  ["src/app.ts", "./room/chat-room.ts"],
  ["src/app.ts", "./files/inspect.ts"],
  ["src/app.ts", "./client/index.ts"],
  ["src/app.ts", "cloudflare:workers"],
  ["src/app/probe.ts", "../room/room.ts"],
  ["src/app/probe.ts", "../files/inspect.ts"],
  ["src/app/probe.ts", "../client/index.ts"],
  ["src/app/probe.ts", "cloudflare:workers"],
  ["src/index.ts", "./client/index.ts"],
] as const;

const ALLOWED = [
  ["src/protocol/probe.ts", "./frame.ts"],
  ["src/protocol/probe.ts", "valibot"],
  ["src/client/probe.ts", "../protocol/frame.ts"],
  ["src/room/audience.ts", "../protocol/frame.ts"],
  ["src/room/chat-room.ts", "cloudflare:workers"],
  ["src/room/chat-room.ts", "./room.ts"],
  ["src/relay/relay.ts", "../room/audience.ts"],
  ["src/relay/relay.ts", "../protocol/index.ts"],
  ["src/relay/room-relay.ts", "cloudflare:workers"],
  ["src/index.ts", "./relay/room-relay.ts"],
  ["src/page/components/probe.tsx", "../../client/index.ts"],
  ["src/page/components/probe.tsx", "../app.tsx"],
  ["src/app.ts", "./protocol/room-name.ts"],
  ["src/app/probe.ts", "../protocol/room-name.ts"],
  ["src/files/probe.ts", "../protocol/frame.ts"],
  ["src/files/probe.ts", "./pictures/probe.ts"],
  ["src/files/probe.ts", "node:crypto"],
  ["src/files/room-files.ts", "cloudflare:workers"],
  ["src/index.ts", "./files/room-files.ts"],
  ["src/index.ts", "./room/chat-room.ts"],
] as const;

const Report = v.object({
  diagnostics: v.array(
    v.object({ location: v.object({ path: v.string(), start: v.object({ line: v.number() }) }) }),
  ),
});

/** Imports that the linter rejects, as `file imports module`. */
let rejected: Set<string>;

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
    rejected = new Set(found);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each(FORBIDDEN)("%s must not import %s", (file, module) => {
  expect(rejected).toContain(`${file} imports ${module}`);
});

test.each(ALLOWED)("%s may import %s", (file, module) => {
  expect(rejected).not.toContain(`${file} imports ${module}`);
});

test("the files and the folders of the page import each other in one direction", async () => {
  const files = (await readdir("src/page", { recursive: true })).filter((path) => /\.tsx?$/.test(path));
  const edges = new Map<string, Set<string>>();
  for (const file of files) {
    const source = await readFile(join("src/page", file), "utf8");
    for (const [, path = ""] of source.matchAll(/(?:from|import) *\(?"(\.[^"]+)"/g)) {
      const to = join(dirname(file), path);
      if (to.startsWith("..")) continue;
      edges.set(file, (edges.get(file) ?? new Set()).add(to));
      // Files outside a folder stand for themselves.
      const folders = [file, to].map((name) => (dirname(name) === "." ? name : dirname(name)));
      const [from = "", into = ""] = folders;
      if (from !== into) edges.set(from, (edges.get(from) ?? new Set()).add(into));
    }
  }
  expect(edges.size).toBeGreaterThan(50);
  expect(cycleIn(edges)).toBeNull();
});

/** Returns the nodes of one cycle, or `null`. */
function cycleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | null {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of edges.get(node) ?? []) {
      const cycle = visit(next, [...path, node]);
      if (cycle !== null) return cycle;
    }
    done.add(node);
    return null;
  };
  for (const node of edges.keys()) {
    const cycle = visit(node, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** Runs the import rules over a folder. Returns the linter's report as JSON. */
function lint(folder: string): Promise<string> {
  const biome = resolve("node_modules/@biomejs/biome/bin/biome");
  const args = ["lint", "--vcs-enabled=false", "--only=style/noRestrictedImports"];
  return new Promise((done) => {
    // The exit code is 1 if the linter rejects anything, so errors are expected.
    execFile(
      process.execPath,
      [biome, ...args, "--max-diagnostics=none", "--reporter=json", "."],
      { cwd: folder },
      (_, stdout) => done(stdout),
    );
  });
}
