// Starts the service for a test, as a user would, and ends it with every process that it started.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { eventually, within } from "./wait.ts";

/** How long, in ms, a service may take to listen, including the build. */
const START_MS = 90_000;

/** ServiceOptions differ from the defaults for one test. */
export interface ServiceOptions {
  /** Folder that holds the rooms. Default: a new one, removed when the service stops. */
  readonly state?: string;
  /** Variables that differ from wrangler.toml. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Further variables of its environment. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Default 0: a free port. */
  readonly port?: number;
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** Further arguments of the self-hosting server. */
  readonly args?: readonly string[];
  /** Files that the service may open, as `ulimit -n` sets it; not on Windows. */
  readonly openFiles?: number;
}

/** Service is a running service. */
export interface Service {
  /** Where it listens, like `http://127.0.0.1:PORT/`. */
  readonly url: URL;
  /** Address of the WebSocket of `room`, or of the default room. */
  socket(room?: string): URL;
  /** The first process of its group. */
  readonly pid: number;
  /** Its output on stdout and stderr. */
  output(): string;
  /** Sends one signal and waits until it has ended. Gives its exit code, or null if the signal ended it. */
  stop(signal?: "SIGTERM" | "SIGINT"): Promise<number | null>;
  /** Sends SIGKILL to it and all that it started, and waits until the first process has ended. */
  kill(): Promise<void>;
}

/** Host is a service of which a test uses only the address. */
export type Host = Pick<Service, "url" | "socket" | "stop">;

/** Starts the self-hosting server (`npm run serve`). Rejects with its output if it ends instead. */
export function startServe(options: ServiceOptions = {}): Promise<Service> {
  const { host = "127.0.0.1", args = [] } = options;
  return start(options, (state, port, vars) => [
    ...["src/serve/main.ts", "--host", host, "--port", port, "--state", state, ...args],
    ...vars.flatMap(([name, value]) => ["--var", `${name}=${value}`]),
  ]);
}

/** Starts the development server (`npm run dev`). Rejects with its output if it ends instead. */
export function startDev(options: ServiceOptions = {}): Promise<Service> {
  return start(options, (state, port, vars) => [
    ...[resolve("node_modules/wrangler/bin/wrangler.js"), "dev", "--ip", "127.0.0.1", "--port", port],
    ...["--persist-to", state, "--inspector-port", "0", "--show-interactive-dev-session=false"],
    ...vars.flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ]);
}

type Command = (state: string, port: string, vars: [string, string][]) => string[];

async function start(options: ServiceOptions, command: Command): Promise<Service> {
  const { state, vars = {}, secrets = {}, port = 0, openFiles } = options;
  const folder = state ?? (await mkdtemp(join(tmpdir(), "edge-chat-state-")));
  // A process group of its own, so that one signal reaches all its processes.
  const args = [process.execPath, ...command(folder, String(port), Object.entries(vars))];
  const limit = openFiles === undefined ? [] : ["/bin/sh", "-c", `ulimit -n ${openFiles}; exec "$@"`, "sh"];
  const [file = "", ...rest] = [...limit, ...args];
  const child = spawn(file, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...secrets },
    detached: process.platform !== "win32",
  });
  const exited = once(child, "exit");
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));

  const killGroup = () => signal(child, "SIGKILL");
  process.once("exit", killGroup);
  const ended = async () => {
    await within("the service to end", exited);
    killGroup();
    process.off("exit", killGroup);
    if (state === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };

  let url: URL;
  try {
    url = await listening(child, () => output);
  } catch (error) {
    killGroup();
    await ended();
    throw error;
  }
  return {
    url,
    pid: child.pid ?? 0,
    socket: (room) => socketOf(url, room),
    output: () => output,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      await ended();
      return child.exitCode;
    },
    async kill() {
      killGroup();
      await ended();
    },
  };
}

/** Address of the WebSocket of `room`, or of the default room, of the service at `url`. */
export function socketOf(url: URL, room?: string): URL {
  const address = new URL(room === undefined ? "/ws" : `/ws/${encodeURIComponent(room)}`, url);
  address.protocol = "ws:";
  return address;
}

/** The address that a starting service prints. */
function listening(child: ChildProcess, output: () => string): Promise<URL> {
  const probe = () => {
    const address = /(?:listening|Ready) on (http:\/\/[^\s\x1b]+)/.exec(output())?.[1];
    if (address !== undefined) return new URL(address);
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the service ended before it listened; it printed:\n${output()}`);
    }
    return undefined;
  };
  const subscribe = (listener: () => void) => {
    child.stdout?.on("data", listener);
    child.once("close", listener);
    return () => {
      child.stdout?.off("data", listener);
      child.off("close", listener);
    };
  };
  return eventually("the service to listen", probe, subscribe, START_MS);
}

/** Sends a signal to a process and all that it started. A process that has ended is no error. */
export function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
