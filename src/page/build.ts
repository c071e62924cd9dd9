/**
 * Builds the page: `node src/page/build.ts` bundles scripts and styles into `static/build`, which is not
 * committed. The same sources give the same bytes. `buildPage` does the same from other programs.
 */
import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile } from "esbuild";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OUT = join("static", "build");

/** Browsers of the last three years. */
const TARGET = ["chrome119", "firefox120", "safari17.2"];

/** Files of `static` that the page needs to start, besides what is built. */
const SHELL = ["/manifest.webmanifest", "/icons/icon.svg", "/icons/icon-192.png"];

const common = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  target: TARGET,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  outdir: OUT,
  define: { "process.env.NODE_ENV": '"production"' },
} satisfies BuildOptions;

/** Builds everything into `static/build` of this repository. */
export async function buildPage(): Promise<void> {
  await rm(join(ROOT, OUT), { recursive: true, force: true });
  const [{ metafile }] = await Promise.all([
    build({
      ...common,
      entryPoints: { page: "src/page/main.tsx" },
      format: "esm",
      splitting: true,
      chunkNames: "chunk-[hash]",
      jsx: "automatic",
      jsxImportSource: "preact",
      metafile: true,
    }),
    build({ ...common, entryPoints: { theme: "src/page/theme.ts" }, format: "iife" }),
    build({ ...common, entryPoints: { page: "src/page/styles/page.css" } }),
  ]);
  await buildServiceWorker(metafile);
}

/** The service worker is told which files the shell is made of, and a version that changes with any of them. */
async function buildServiceWorker(metafile: Metafile): Promise<void> {
  const built = [...shellChunks(metafile), `${OUT}/page.css`, `${OUT}/theme.js`];
  const addresses = built.map((path) => `/${relative("static", path).replaceAll("\\", "/")}`);
  const files = ["/index.html", ...SHELL, ...addresses.sort()];
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(await readFile(join(ROOT, "static", file)));
  await build({
    ...common,
    entryPoints: { sw: "src/page/service-worker/sw.ts" },
    format: "iife",
    define: {
      ...common.define,
      SHELL_FILES: JSON.stringify(["/", ...files.slice(1)]),
      SHELL_VERSION: JSON.stringify(hash.digest("hex").slice(0, 16)),
    },
  });
}

/** The entry and all that it imports statically; what is loaded on demand is cached once it is used. */
function shellChunks(metafile: Metafile): string[] {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) {
      if (kind === "import-statement") visit(next);
    }
  };
  visit(`${OUT.replaceAll("\\", "/")}/page.js`);
  return [...found];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage();
