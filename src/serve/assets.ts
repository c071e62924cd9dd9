/** Assets: the pages as wrangler serves them, packed into services of the runtime's configuration. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ASSETS_PLUGIN, NoOpLog, type Service, type Worker } from "miniflare";
import * as v from "valibot";
import type { Unstable_Config } from "wrangler";
import { StartError } from "./start-error.ts";

/** PackedAssets is the services that answer with the pages, of which `entry` is the one to ask. */
export interface PackedAssets {
  readonly services: readonly Service[];
  readonly entry: string;
}

/** What the plugin writes of each file, by the key of its content. */
const FileTable = v.record(
  v.string(),
  v.object({ filePath: v.string(), contentType: v.nullable(v.string()) }),
);

/** Binding of the asset Worker that holds its settings. */
const SETTINGS = "CONFIG";

type PluginOptions = Parameters<typeof ASSETS_PLUGIN.getServices>[0];

/**
 * Packs the assets that `config` names, of the project in `root`. Under `wrangler dev` Cloudflare's own asset
 * Worker serves them, set up by Miniflare's plugin; it is taken from there with its settings, so that statuses,
 * types, validators, `_headers` and the 404 page come out the same. Only the contents come from memory, by
 * `filesWorker`, where Miniflare reads the folder: they shall not change under a server that runs.
 */
export async function packAssets(
  root: string,
  config: Unstable_Config,
  filesWorker: string,
): Promise<PackedAssets> {
  if (config.assets?.directory === undefined)
    throw new StartError("wrangler.toml names no folder of assets.");
  const directory = join(root, config.assets.directory);
  // The plugin reads no more than this of what Miniflare hands to every plugin.
  const options: Pick<PluginOptions, "log" | "options"> = {
    log: new NoOpLog(),
    options: {
      config: {
        name: config.name ?? "",
        compatibilityDate: config.compatibility_date ?? "",
        compatibilityFlags: config.compatibility_flags,
        env: {},
        assets: {
          directory,
          hasUserWorker: true,
          htmlHandling: config.assets.html_handling,
          notFoundHandling: config.assets.not_found_handling,
          basePath: config.assets.base_path,
          runWorkerFirst: config.assets.run_worker_first,
        },
      },
      dev: { rootPath: root, cacheAPI: false, unsafeRegisterWorker: false, stripCfConnectingIp: false },
    },
  };
  const made = await ASSETS_PLUGIN.getServices(options as PluginOptions);
  const services = Array.isArray(made) ? made : [];
  const entry = findWorker(services, "assets:assets-service:");
  const files = findWorker(services, "assets:kv:");
  const table = v.parse(FileTable, JSON.parse(jsonBinding(files.worker, "ASSETS_REVERSE_MAP")));
  return {
    services: [
      { name: entry.name, worker: withoutDebugging(entry.worker) },
      { name: files.name, worker: await packFiles(directory, table, filesWorker) },
    ],
    entry: entry.name,
  };
}

/** The asset Worker, when it debugs, says in a header of its answers what it did, which Miniflare logs and drops. */
function withoutDebugging(worker: Worker): Worker {
  const settings = v.parse(v.looseObject({}), JSON.parse(jsonBinding(worker, SETTINGS)));
  const quiet = { name: SETTINGS, json: JSON.stringify({ ...settings, debug: false }) };
  const others = worker.bindings?.filter(({ name }) => name !== SETTINGS) ?? [];
  return { ...worker, bindings: [...others, quiet] };
}

async function packFiles(
  directory: string,
  table: v.InferOutput<typeof FileTable>,
  source: string,
): Promise<Worker> {
  const contents = Object.entries(table).map(async ([key, { filePath }]) => {
    return { name: key, data: await readFile(join(directory, filePath)) };
  });
  const types = Object.entries(table).map(([key, { contentType }]) => [key, contentType]);
  return {
    compatibilityDate: "2026-10-23",
    modules: [{ name: "files.js", esModule: source }],
    bindings: [
      { name: "TYPES", json: JSON.stringify(Object.fromEntries(types)) },
      ...(await Promise.all(contents)),
    ],
  };
}

function findWorker(services: readonly Service[], prefix: string): { name: string; worker: Worker } {
  for (const service of services) {
    if (service.name?.startsWith(prefix) && "worker" in service && service.worker !== undefined) {
      return { name: service.name, worker: service.worker };
    }
  }
  throw new Error(`Miniflare makes no service ${prefix}`);
}

function jsonBinding(worker: Worker, name: string): string {
  const binding = worker.bindings?.find((candidate) => candidate.name === name);
  if (binding === undefined || !("json" in binding) || binding.json === undefined) {
    throw new Error(`Miniflare's asset service has no ${name}`);
  }
  return binding.json;
}
