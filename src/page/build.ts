/**
 * Builds the page: `node src/page/build.ts` bundles scripts and styles into `static/build`, which is not
 * committed. The same sources give the same bytes. `buildPage` does the same from other programs.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile, type OutputFile } from "esbuild";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OUT = join("static", "build");

/** Browsers of the last three years. */
const TARGET = ["chrome119", "firefox120", "safari17.2"];

/** Packages that are tables rather than code. */
const LARGE_TABLES = /node_modules\/(?:emojibase-data|unhomoglyph)\//;

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
  write: false,
  define: { "process.env.NODE_ENV": '"production"' },
} satisfies BuildOptions;

/** Builds everything into `static/build` of this repository. */
export async function buildPage(): Promise<void> {
  const [page, ...others] = await Promise.all([
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
  const files = [page, ...others].flatMap(({ outputFiles }) => outputFiles);
  const worker = await buildServiceWorker(page.metafile, files);
  await emit([...files, ...worker.outputFiles]);
}

/**
 * Writes what has changed, and then removes what is no longer built. So whoever reads the folder meanwhile,
 * a running server or another build, finds a page in it.
 */
async function emit(files: readonly OutputFile[]): Promise<void> {
  const folder = join(ROOT, OUT);
  await mkdir(folder, { recursive: true });
  for (const { path, contents } of files) {
    const before = await readFile(path).catch(() => null);
    if (before === null || !before.equals(contents)) await writeFile(path, contents);
  }
  const built = new Set(files.map(({ path }) => path));
  const stale = (await readdir(folder)).map((name) => join(folder, name)).filter((path) => !built.has(path));
  await Promise.all(stale.map((path) => rm(path, { force: true })));
}

/** The service worker is told which files the shell is made of, and a version that changes with any of them. */
async function buildServiceWorker(metafile: Metafile, made: readonly OutputFile[]) {
  const built = [...shellChunks(metafile), `${OUT}/page.css`, `${OUT}/theme.js`];
  const addresses = built.map((path) => `/${relative("static", path).replaceAll("\\", "/")}`);
  const files = ["/index.html", ...SHELL, ...addresses.sort()];
  const hash = createHash("sha256");
  for (const file of files) {
    const path = join(ROOT, "static", file);
    hash.update(file).update(made.find((output) => output.path === path)?.contents ?? (await readFile(path)));
  }
  return build({
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

/** All scripts but those of large tables, which are kept once they were used. */
function shellChunks(metafile: Metafile): string[] {
  return Object.entries(metafile.outputs)
    .filter(([, { inputs }]) => !Object.keys(inputs).some((path) => LARGE_TABLES.test(path)))
    .map(([path]) => path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage();
