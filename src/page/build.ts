/**
 * Builds the page: `node src/page/build.ts` bundles scripts and styles into `static/build` and writes
 * `static/index.html`, which are not committed. The same sources give the same bytes. `buildPage` does the same
 * from other programs.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OUT = join("static", "build");

/** Browsers of the last three years. */
const TARGET = ["chrome119", "firefox120", "safari17.2"];

/** Modules that the page starts with, all that they import included. */
const FIRST = ["state/rooms.ts", "i18n/index.ts", "state/settings.ts", "state/idle.ts", "app.tsx"];
/** Modules of the page that are loaded later. */
const LATER =
  /[\\/]page[\\/](?:components.dialogs|emoji.search|i18n.zh|state.start|text.full-markdown)\.tsx?$/;

/** What the page's HTML has in place of the scripts to fetch at once. */
const PRELOAD = "<!-- preload -->";
/** What the page starts with: its entry, and the view, which that loads while the socket opens. */
const STARTING = ["src/page/main.ts", "src/page/app.tsx"];

/** Packages that are tables rather than code. */
const LARGE_TABLES = /node_modules\/(?:emojibase-data|unhomoglyph)\//;

/** Files of `static` that the page needs to start, besides what is built. */
const SHELL = ["/manifest.webmanifest", "/icons/icon.svg", "/icons/icon-192.png"];

/** What is written to a file. */
interface Output {
  readonly path: string;
  readonly contents: Uint8Array;
}

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

/** Builds everything into `static` of this repository. */
export async function buildPage(): Promise<void> {
  const [page, ...others] = await Promise.all([
    build({
      ...common,
      entryPoints: { page: "src/page/main.ts" },
      format: "esm",
      splitting: true,
      chunkNames: "chunk-[hash]",
      jsx: "automatic",
      jsxImportSource: "preact",
      metafile: true,
      // Chromium then compiles functions while it loads them, beside the main thread, and not each at its first call.
      banner: { js: "//# allFunctionsCalledOnLoad" },
      plugins: [together],
    }),
    build({ ...common, entryPoints: { theme: "src/page/theme.ts" }, format: "iife" }),
    build({ ...common, entryPoints: { page: "src/page/styles/page.css" } }),
  ]);
  const files: Output[] = [page, ...others].flatMap(({ outputFiles }) => outputFiles);
  // Written after everything that it names.
  files.push(await html(page.metafile));
  const worker = await buildServiceWorker(page.metafile, files);
  await emit([...files, ...worker.outputFiles]);
}

/**
 * Keeps what the page starts with in few files, since each takes its time to be asked for and taken in. The bundler
 * makes a file of whatever the same scripts share: so each one that is loaded later is made to share all of it.
 */
const together: Plugin = {
  name: "together",
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^\.\.?\/.*\.tsx?$/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === together) return undefined;
      const found = await resolve(path, { importer, resolveDir, kind, pluginData: together });
      // An import for nothing else than sharing would be dropped.
      return { ...found, sideEffects: true };
    });
    onLoad({ filter: LATER }, async ({ path }) => {
      const resolveDir = dirname(path);
      const imports = FIRST.map((file) => `import ${JSON.stringify(importPath(resolveDir, file))};`);
      const contents = [await readFile(path, "utf8"), ...imports].join("\n");
      return { contents, resolveDir, loader: path.endsWith("x") ? "tsx" : "ts" };
    });
  },
};

/** `file` of the page as a module in `folder` imports it. */
function importPath(folder: string, file: string): string {
  return `./${relative(folder, join(ROOT, "src/page", file)).replaceAll("\\", "/")}`;
}

/** The page's HTML: it names all scripts that are needed to start, so that none waits for another to ask for it. */
async function html(metafile: Metafile): Promise<Output> {
  const source = await readFile(join(ROOT, "src/page/index.html"), "utf8");
  const links = startingScripts(metafile).map(
    (path) => `<link rel="modulepreload" href="${address(path)}" />`,
  );
  const text = source.replace(PRELOAD, links.join("\n    "));
  return { path: join(ROOT, "static/index.html"), contents: Buffer.from(text) };
}

/** Scripts that the page starts with, and those that these import. */
function startingScripts({ outputs }: Metafile): string[] {
  const found = new Set<string>();
  const add = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: other, kind } of outputs[path]?.imports ?? [])
      if (kind === "import-statement") add(other);
  };
  for (const [path, { entryPoint = "" }] of Object.entries(outputs))
    if (STARTING.includes(entryPoint)) add(path);
  return [...found];
}

/** Where a browser finds the built file `path`. */
function address(path: string): string {
  return `/${relative("static", path).replaceAll("\\", "/")}`;
}

/**
 * Writes what has changed, and then removes what is no longer built. So whoever reads the folder meanwhile,
 * a running server or another build, finds a page in it.
 */
async function emit(files: readonly Output[]): Promise<void> {
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
async function buildServiceWorker(metafile: Metafile, made: readonly Output[]) {
  const built = [...shellChunks(metafile), `${OUT}/page.css`, `${OUT}/theme.js`];
  const addresses = built.map(address);
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
