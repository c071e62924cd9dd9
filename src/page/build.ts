/**
 * Builds the page: `node src/page/build.ts` bundles scripts and styles into `static/build` and writes
 * `static/index.html`. Neither is committed. The output depends on the sources only. Other programs call `buildPage`.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OUT = join("static", "build");

/** Browsers of the last three years. */
const TARGET = ["chrome119", "firefox120", "safari17.2"];

/** The entry script, and its address in the unbuilt HTML. */
const MAIN = join(ROOT, "src/page/main.ts");
const MAIN_ADDRESS = "/src/page/main.ts";

/** Namespace of modules that are loaded on demand. */
const LATER = "later";

/** Packages that contain tables rather than code. */
const LARGE_TABLES = /node_modules\/(?:emojibase-data|unhomoglyph)\//;

/** Files of `static` that the page needs to start, besides the built ones. */
const SHELL = ["/manifest.webmanifest", "/icons/icon.svg", "/icons/icon-192.png"];

/** A file to write. */
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
      entryPoints: { page: MAIN },
      format: "esm",
      splitting: true,
      chunkNames: "chunk-[hash]",
      jsx: "automatic",
      jsxImportSource: "preact",
      metafile: true,
      // Chromium then compiles all functions on a background thread while loading, not each at its first call.
      banner: { js: "//# allFunctionsCalledOnLoad" },
      plugins: [together],
    }),
    build({ ...common, entryPoints: { theme: "src/page/theme.ts" }, format: "iife" }),
    build({ ...common, entryPoints: { page: "src/page/styles/page.css" } }),
  ]);
  const { entry, first } = startingScript(page.metafile);
  const files: Output[] = [page, ...others]
    .flatMap(({ outputFiles }) => outputFiles)
    .filter(({ path }) => path !== join(ROOT, entry));
  // Written after the files that it refers to.
  files.push(await html(first));
  const worker = await buildServiceWorker(page.metafile, files);
  await emit([...files, ...worker.outputFiles, await licenses(page.metafile)]);
}

/**
 * Keeps all code that the page starts with in one file, since each file costs a request. The bundler makes a file of
 * the code that the same entry points share, so each module that is loaded on demand is made to share all of it.
 */
const together: Plugin = {
  name: "together",
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /./ }, async ({ path, resolveDir, kind, pluginData }) => {
      // The bundler would drop an import without side effects.
      if (path === MAIN) return { path, sideEffects: true };
      if (kind !== "dynamic-import" || pluginData === LATER) return undefined;
      const found = await resolve(path, { resolveDir, kind, pluginData: LATER });
      return found.errors.length > 0 ? found : { path: found.path, namespace: LATER };
    });
    onLoad({ filter: /./, namespace: LATER }, ({ path }) => {
      // Packages of tables only have a default export.
      const names = /\.tsx?$/.test(path) ? "*" : "{ default }";
      const imports = `export ${names} from ${JSON.stringify(path)}; import ${JSON.stringify(MAIN)};`;
      return { contents: imports, resolveDir: ROOT };
    });
  },
};

/** Returns the bundler's entry file and the one script that it imports. */
function startingScript({ outputs }: Metafile): { readonly entry: string; readonly first: string } {
  for (const [entry, { entryPoint, imports }] of Object.entries(outputs)) {
    if (entryPoint === undefined || join(ROOT, entryPoint) !== MAIN) continue;
    const [first, ...more] = imports;
    if (first !== undefined && more.length === 0) return { entry, first: first.path };
  }
  throw new Error("the page starts with more than one script");
}

/** Returns the page's HTML with the script `first`. */
async function html(first: string): Promise<Output> {
  const source = await readFile(join(ROOT, "src/page/index.html"), "utf8");
  const text = source.replace(MAIN_ADDRESS, address(first));
  return { path: join(ROOT, "static/index.html"), contents: Buffer.from(text) };
}

/** Returns the URL path of the built file `path`. */
function address(path: string): string {
  return `/${relative("static", path).replaceAll("\\", "/")}`;
}

/** The licences of the packages in the page. Their terms require a copy with it. */
async function licenses({ inputs }: Metafile): Promise<Output> {
  const folders = Object.keys(inputs).flatMap((path) => {
    return /([^:]*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [];
  });
  const texts = [...new Set(folders.map((folder) => resolve(ROOT, folder)))].sort().map(async (folder) => {
    const name = folder.replaceAll("\\", "/").replace(/.*node_modules\//, "");
    return `${name}\n\n${(await licenceOf(name, folder)).trim()}\n`;
  });
  const contents = (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
  return { path: join(ROOT, OUT, "licenses.txt"), contents: Buffer.from(contents) };
}

/** Copyright notices of the packages under the MIT licence that come without its text. */
const NOTICES: Readonly<Record<string, string>> = { thumbhash: "Copyright (c) 2023 Evan Wallace" };

async function licenceOf(name: string, folder: string): Promise<string> {
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  if (file !== undefined) return readFile(join(folder, file), "utf8");
  const notice = NOTICES[name];
  if (notice === undefined) throw new Error(`${folder} has no licence`);
  // This repository has the same licence.
  return (await readFile(join(ROOT, "LICENSE"), "utf8")).replace(/^Copyright .*$/m, notice);
}

/**
 * Writes the changed files, then removes those that are no longer built. A server or another build that reads the
 * folder meanwhile always finds a complete page.
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

/** Builds the service worker with the list of the shell's files and a version that changes with any of them. */
async function buildServiceWorker(metafile: Metafile, made: readonly Output[]) {
  const scripts = shellScripts(metafile).filter((path) =>
    made.some((file) => file.path === join(ROOT, path)),
  );
  const built = [...scripts, `${OUT}/page.css`, `${OUT}/theme.js`];
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

/** Returns all scripts except those of large tables, which are cached on first use. */
function shellScripts(metafile: Metafile): string[] {
  return Object.entries(metafile.outputs)
    .filter(([, { inputs }]) => !Object.keys(inputs).some((path) => LARGE_TABLES.test(path)))
    .map(([path]) => path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage();
