/**
 * Build: makes the release out of the sources, with wrangler's own bundle, configuration and treatment of assets.
 * It is a program of its own, which a start runs when the kept release is out of date: the tools that it loads
 * take longer than a whole start, and more memory than a server should hold.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { build } from "esbuild";
import { serializeConfig, type Worker } from "miniflare";
import { type Unstable_Config, unstable_readConfig } from "wrangler";
import { type PackedAssets, packAssets } from "./assets.ts";
import { keepRelease, type Release } from "./release.ts";
import { SOCKET, STATE } from "./runtime.ts";
import { orSayWhyNot, StartError } from "./start-error.ts";

/** Name of the service that is the Worker. */
const APP = "app";

const ROOT = resolve(import.meta.dirname, "..", "..");

await orSayWhyNot(keepRelease(ROOT, buildRelease));

/** Builds the release of the sources in `root`. Throws a StartError where they do not build. */
async function buildRelease(root: string): Promise<Release> {
  const app = await bundleApp(root);
  const config = unstable_readConfig({ config: join(root, "wrangler.toml") }, { hideWarnings: true });
  const assets = await packAssets(root, config, await bundleWorker("files.ts"));
  const vars = textVariables(config);
  return {
    vars,
    config: serializeConfig({
      services: [
        { name: APP, worker: await appWorker(app, config, assets, Object.keys(vars)) },
        ...assets.services,
        // The path is set at each start.
        { name: STATE, disk: { writable: true } },
      ],
      sockets: [{ name: SOCKET, http: {}, service: { name: APP } }],
    }),
  };
}

async function appWorker(
  app: string,
  config: Unstable_Config,
  assets: PackedAssets,
  vars: readonly string[],
): Promise<Worker> {
  const rooms = config.durable_objects.bindings;
  const asset = { service: { name: assets.entry } };
  const binding = config.assets?.binding;
  return {
    compatibilityDate: config.compatibility_date ?? "",
    compatibilityFlags: config.compatibility_flags,
    modules: [
      { name: "front.js", esModule: await bundleWorker("front.ts") },
      { name: "app", esModule: app },
      { name: "rules", json: JSON.stringify(config.assets?.run_worker_first ?? false) },
    ],
    bindings: [
      ...(binding === undefined ? [] : [{ name: binding, ...asset }]),
      { name: "SERVE_ASSETS", ...asset },
      // Each start puts its own values into the runtime's environment.
      ...vars.map((name) => ({ name, fromEnvironment: name })),
      ...rooms.map(({ name, class_name }) => ({ name, durableObjectNamespace: { className: class_name } })),
    ],
    durableObjectNamespaces: rooms.map(({ class_name }) => ({
      className: class_name,
      // As wrangler names it, so that its local data can be taken over.
      uniqueKey: `${config.name}-${class_name}`,
      enableSql: true,
    })),
    durableObjectStorage: { localDisk: STATE },
  };
}

/** Runs the build command of wrangler.toml and bundles the Worker, as for Cloudflare. Gives its source. */
async function bundleApp(root: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "edge-chat-build-"));
  try {
    const script = join(root, "node_modules", "wrangler", "bin", "wrangler.js");
    const wrangler = spawn(process.execPath, [script, "deploy", "--dry-run", "--outdir", folder], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
    });
    const [output, errors, code] = await Promise.all([
      text(wrangler.stdout),
      text(wrangler.stderr),
      new Promise((ended) => wrangler.once("close", ended)),
    ]);
    if (code !== 0) {
      process.stderr.write(output + errors);
      throw new StartError("wrangler could not build the Worker.");
    }
    return await readFile(join(folder, "index.js"), "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Source of one of our own Workers in `worker/`, in JavaScript. */
async function bundleWorker(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "worker", file)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    external: ["app", "rules"],
  });
  return outputFiles.map((output) => output.text).join("\n");
}

/** The variables of wrangler.toml, which a start may set to other texts. */
function textVariables(config: Unstable_Config): Record<string, string> {
  const vars = Object.entries(config.vars).map(([name, value]): [string, string] => {
    if (typeof value === "string") return [name, value];
    throw new StartError(`The variable ${name} in wrangler.toml is not a text.`);
  });
  return Object.fromEntries(vars);
}
