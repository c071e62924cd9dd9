/** Config: the runtime's configuration in Cap'n Proto's text format, made from wrangler.toml. */
import type { Unstable_Config } from "wrangler";

/** Names in the configuration that the runtime's command line refers to. */
export const SOCKET = "http";
export const STATE = "state";

/** Files of a release, which the configuration names. */
export const CONFIG_FILE = "config.capnp";
export const WORKER_FILE = "worker.js";
export const RATE_LIMIT_FILE = "rate-limit.js";
export const PAGES_FOLDER = "pages";

/** Variables that wrangler.toml does not name. They come from the environment of the server. */
export const SECRETS = ["ADMIN_KEY"];

/** Name of the module in RATE_LIMIT_FILE. */
const RATE_LIMIT_MODULE = "serve:rate-limit";

/** On Linux and macOS, this folder lists the descriptors of the process that reads it. */
const DESCRIPTORS_FOLDER = "/dev/fd";

/**
 * The configuration for `config`. The assets get the rules in `headers`, the text of a `_headers` file.
 * Variables come from the environment at each start, and so does SERVE.
 */
export function runtimeConfig(config: Unstable_Config, headers: string): string {
  const rooms = config.durable_objects.bindings.map(({ name, class_name }) => ({
    name,
    className: class_name,
  }));
  const { binding, html_handling, not_found_handling } = config.assets ?? {};
  const assets = `service = (name = "assets", entrypoint = "AssetWorker")`;
  const compatibility = `compatibilityDate = ${text(config.compatibility_date)},
    compatibilityFlags = ${list(config.compatibility_flags.map(text))}`;
  const bindings = [
    ...(binding === undefined ? [] : [`(name = ${text(binding)}, ${assets})`]),
    `(name = "SERVE_ASSETS", ${assets})`,
    `(name = "SERVE_DESCRIPTORS", service = "descriptors")`,
    ...["SERVE", ...SECRETS, ...Object.keys(config.vars)].map(
      (name) => `(name = ${text(name)}, fromEnvironment = ${text(name)})`,
    ),
    ...config.ratelimits.map(({ name, simple }) => {
      const settings = Object.entries({ name, ...simple }).map(
        ([key, value]) => `(name = ${text(key)}, json = ${text(JSON.stringify(value))})`,
      );
      return `(name = ${text(name)},
      wrapped = (moduleName = ${text(RATE_LIMIT_MODULE)}, innerBindings = ${list(settings)}))`;
    }),
    ...rooms.map(
      ({ name, className }) => `(name = ${text(name)}, durableObjectNamespace = ${text(className)})`,
    ),
  ];
  const namespaces = rooms.map(
    // The key has the form that wrangler gives it, so that its local data can be used.
    ({ className }) =>
      `(className = ${text(className)}, uniqueKey = ${text(`${config.name}-${className}`)}, enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "app", worker = (
    modules = [(name = ${text(WORKER_FILE)}, esModule = embed ${text(WORKER_FILE)})],
    ${compatibility},
    bindings = ${list(bindings)},
    durableObjectNamespaces = ${list(namespaces)},
    durableObjectStorage = (localDisk = ${text(STATE)}))),
    (name = "assets", assets = (path = ${text(PAGES_FOLDER)},
    config = ${text(JSON.stringify({ html_handling, not_found_handling, headers }))},
    ${compatibility})),
    (name = "descriptors", disk = (path = ${text(DESCRIPTORS_FOLDER)})),
    (name = ${text(STATE)}, disk = (writable = true)),
  ],
  extensions = [(modules = [
    (name = ${text(RATE_LIMIT_MODULE)}, internal = true, esModule = embed ${text(RATE_LIMIT_FILE)}),
  ])],
  sockets = [(name = ${text(SOCKET)}, http = (), service = "app")],
);
`;
}

/** A string in Cap'n Proto's text format, whose escapes are a superset of those that JSON uses here. */
function text(value: string | undefined): string {
  return JSON.stringify(value ?? "");
}

function list(members: readonly string[]): string {
  return `[${members.join(", ")}]`;
}
