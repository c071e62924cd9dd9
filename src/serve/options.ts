/** Options: the command line of the self-hosting server. */
import { isIP } from "node:net";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { MAX_WORKERS } from "./config.ts";
import { StartError } from "./start-error.ts";

export const HELP = `Usage: npm run serve -- [OPTION]...

Runs the service on this machine.

  --port NUMBER          port to listen on, 0 for a free one; default 8787
  --host HOST            name or address to listen on; default 127.0.0.1
  --state FOLDER         folder that holds the rooms; default .wrangler/serve
  --min-free MB          free space of the disk below which the rooms are read-only;
                         default 64, 0 for no limit
  --workers NUMBER       processes that take the connections, up to ${MAX_WORKERS}; default 1. With more
                         than one, a further process has the rooms: see src/serve/README.md.
                         Linux only
  --var NAME=VALUE       variable of wrangler.toml with another value; repeatable
  --allow-host NAME      answer requests for this host name; repeatable. On a loopback
                         address, the default is localhost, loopback addresses and the
                         name after --host: pages of other names cannot reach the server
                         by DNS rebinding. A proxy on this machine that passes on the name
                         of your site needs this option. On other addresses, the default
                         is every name.
  --trust-proxy ADDRESS  address or subnet, like 192.0.2.0/24, of a reverse proxy; repeatable.
                         The header CF-Connecting-IP gives the address of the client only in
                         requests from these and from this machine. The proxy must set it in
                         every request and not pass on what the client sent.
  --help                 print this text
`;

/** ServeOptions are the parsed command line. */
export interface ServeOptions {
  readonly help: boolean;
  /** Name or address to listen on. */
  readonly host: string;
  /** Port to listen on; 0 for a free one. */
  readonly port: number;
  /** Absolute path of the folder that holds the rooms. */
  readonly state: string;
  /** Free bytes of the disk below which the rooms are read-only; 0 for no limit. */
  readonly minFree: number;
  /** Processes that take connections. If it is 1, the same process has the rooms. */
  readonly workers: number;
  /** Variables that differ from wrangler.toml, by name. */
  readonly vars: Readonly<Record<string, string>>;
  /** Host names to answer for besides the default ones. */
  readonly allowHosts: readonly string[];
  /** Addresses and subnets of proxies on other machines. */
  readonly trustProxies: readonly string[];
}

/** Parses `args`. Throws a StartError if they are invalid. */
export function parseOptions(args: readonly string[], defaultState: string): ServeOptions {
  const { help, host, port, state, var: vars, ...others } = readFlags(args);
  if (host === "") throw new StartError("--host needs a name or an address.");
  if (state === "") throw new StartError("--state needs a folder.");
  return {
    help,
    host,
    port: parsePort(port),
    state: resolve(state ?? defaultState),
    minFree: parseMegabytes(others["min-free"]),
    workers: parseWorkers(others.workers),
    vars: Object.fromEntries(vars.map(parseVariable)),
    allowHosts: others["allow-host"].map(parseHostName),
    trustProxies: others["trust-proxy"].map(parseSubnet),
  };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", default: false },
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "8787" },
        state: { type: "string" },
        "min-free": { type: "string", default: "64" },
        workers: { type: "string", default: "1" },
        var: { type: "string", multiple: true, default: [] },
        "allow-host": { type: "string", multiple: true, default: [] },
        "trust-proxy": { type: "string", multiple: true, default: [] },
      },
    }).values;
  } catch (error) {
    // After the first sentence, Node's message continues with advice to programmers.
    const reason = error instanceof Error ? error.message.split(/\.?\s*\n|\. /)[0] : String(error);
    throw new StartError(`${reason}; --help lists the options.`);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new StartError(`--port takes a number from 0 to 65535, not "${text}".`);
  return port;
}

function parseMegabytes(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new StartError(`--min-free takes a number of megabytes, not "${text}".`);
  return Number(text) * 1e6;
}

function parseWorkers(text: string): number {
  const workers = Number(text);
  if (!/^\d+$/.test(text) || workers < 1 || workers > MAX_WORKERS)
    throw new StartError(`--workers takes a number from 1 to ${MAX_WORKERS}, not "${text}".`);
  // Only there do processes that listen at one port share its connections.
  if (workers > 1 && process.platform !== "linux")
    throw new StartError("--workers takes more than 1 only on Linux.");
  return workers;
}

function parseVariable(text: string): [string, string] {
  const end = text.indexOf("=");
  if (end < 1) throw new StartError(`--var takes NAME=VALUE, not "${text}".`);
  return [text.slice(0, end), text.slice(end + 1)];
}

function parseHostName(text: string): string {
  if (!/^([\w.-]+|\[[\da-f:.]+\])$/i.test(text))
    throw new StartError(`--allow-host takes a host name without a port, not "${text}".`);
  return text.toLowerCase();
}

function parseSubnet(text: string): string {
  const [address = "", bits = "0", ...rest] = text.split("/");
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (rest.length > 0 || !/^\d+$/.test(bits) || Number(bits) > longest)
    throw new StartError(`--trust-proxy takes an address or a subnet, not "${text}".`);
  return text;
}
