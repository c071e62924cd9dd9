/** Config: the runtime's configuration in Cap'n Proto's text format, made from wrangler.toml. */
import type { Unstable_Config } from "wrangler";

/** Names in the configuration that the runtime's command line refers to. */
export const SOCKET = "http";
export const STATE = "state";
export const BRIDGE = "bridge";

/** Class of the objects that run in the workers. */
export const RELAY_CLASS = "RoomRelay";

/** Workers that a service has at most. */
export const MAX_WORKERS = 32;

/** Files of a release, which the configuration names. */
export const CONFIG_FILES = { alone: "config.capnp", sequencer: "sequencer.capnp", worker: "worker.capnp" };
export const WORKER_FILE = "worker.js";
export const RATE_LIMIT_FILE = "rate-limit.js";
export const PAGES_FOLDER = "pages";

/** Variables that wrangler.toml does not name. They come from the environment of the server. */
export const SECRETS = ["ADMIN_KEY"];

/** Name of the module in RATE_LIMIT_FILE. */
const RATE_LIMIT_MODULE = "serve:rate-limit";

/** On Linux and macOS, this folder lists the descriptors of the process that reads it. */
const DESCRIPTORS_FOLDER = "/dev/fd";

/** ProcessType is which part of the service a process has: see `FrontProcess`. */
export type ProcessType = keyof typeof CONFIG_FILES;

/** Name of the socket file of a process, in the folder of the release; 0 is the sequencer. */
export function bridgeFile(worker: number): string {
  return worker === 0 ? "sequencer.sock" : `worker-${worker}.sock`;
}

/**
 * The configuration of a process for `config`. The assets get the rules in `headers`, the text of a `_headers` file.
 * Variables come from the environment at each start, and so does SERVE.
 */
export function runtimeConfig(type: ProcessType, config: Unstable_Config, headers: string): string {
  const objects = config.durable_objects.bindings.map(({ name, class_name }) => ({
    name,
    className: class_name,
  }));
  const isHere = ({ className }: { className: string }) =>
    type === "alone" || (type === "worker") === (className === RELAY_CLASS);
  const here = objects.filter(isHere);
  const elsewhere = objects.filter((object) => !isHere(object)).map(({ name }) => name);
  const bridges = bridgesOf(type);
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
    ...(type === "alone" ? [] : [`(name = "SERVE_REMOTE", json = ${text(JSON.stringify(elsewhere))})`]),
    ...bridges.map(({ binding, service }) => `(name = ${text(binding)}, service = ${text(service)})`),
    ...here.map(
      ({ name, className }) => `(name = ${text(name)}, durableObjectNamespace = ${text(className)})`,
    ),
  ];
  const namespaces = here.map(
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
    ${bridges.map(({ service, file }) => `(name = ${text(service)}, external = (address = ${text(`unix:${file}`)}, ${RPC})),`).join("\n    ")}
  ],
  extensions = [(modules = [
    (name = ${text(RATE_LIMIT_MODULE)}, internal = true, esModule = embed ${text(RATE_LIMIT_FILE)}),
  ])],
  sockets = [
    ${type === "alone" ? "" : `(name = ${text(BRIDGE)}, ${RPC}, service = (name = "app", entrypoint = "Bridge")),`}
    (name = ${text(SOCKET)}, http = (), service = "app"),
  ],
);
`;
}

/** Lets a connection carry calls of methods. The name only has to be the same at both ends. */
const RPC = `http = (capnpConnectHost = "bridge")`;

/** The other processes that a process calls. Those that do not run are never called. */
function bridgesOf(type: ProcessType): { binding: string; service: string; file: string }[] {
  if (type === "alone") return [];
  if (type === "worker") return [{ binding: "SERVE_SEQUENCER", service: "sequencer", file: bridgeFile(0) }];
  return Array.from({ length: MAX_WORKERS }, (_, n) => ({
    binding: `SERVE_WORKER_${n + 1}`,
    service: `worker-${n + 1}`,
    file: bridgeFile(n + 1),
  }));
}

/** A string in Cap'n Proto's text format, whose escapes are a superset of those that JSON uses here. */
function text(value: string | undefined): string {
  return JSON.stringify(value ?? "");
}

function list(members: readonly string[]): string {
  return `[${members.join(", ")}]`;
}
