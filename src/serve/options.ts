/** Options: the command line of the self-hosting server. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { StartError } from "./start-error.ts";

/** ServeOptions are the parsed command line. */
export interface ServeOptions {
  /** Name or address to listen on. */
  readonly host: string;
  /** Port to listen on; 0 for a free one. */
  readonly port: number;
  /** Absolute path of the folder that holds the rooms. */
  readonly state: string;
  /** Variables that differ from wrangler.toml, by name. */
  readonly vars: Readonly<Record<string, string>>;
}

/** Parses `args`. Throws a StartError if they are invalid. */
export function parseOptions(args: readonly string[], defaultState: string): ServeOptions {
  const { host, port, state, var: vars } = readFlags(args);
  if (host === "") throw new StartError("--host needs a name or an address.");
  if (state === "") throw new StartError("--state needs a folder.");
  return {
    host,
    port: parsePort(port),
    state: resolve(state ?? defaultState),
    vars: Object.fromEntries(vars.map(parseVariable)),
  };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "8787" },
        state: { type: "string" },
        var: { type: "string", multiple: true, default: [] },
      },
    }).values;
  } catch (error) {
    // After the first sentence, Node's message continues with advice to programmers.
    const reason = error instanceof Error ? error.message.split(/\.?\s*\n|\. /)[0] : String(error);
    throw new StartError(`${reason}; it takes --port, --host, --state and --var NAME=VALUE.`);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new StartError(`--port takes a number from 0 to 65535, not "${text}".`);
  return port;
}

function parseVariable(text: string): [string, string] {
  const end = text.indexOf("=");
  if (end < 1) throw new StartError(`--var takes NAME=VALUE, not "${text}".`);
  return [text.slice(0, end), text.slice(end + 1)];
}
