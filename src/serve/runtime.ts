/** Runtime: the workerd process that runs the service. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import workerd from "workerd";

/** How long, in ms, open requests may take to end after `stop`. */
const DRAIN_MS = 500;

/** On Linux, makes the kernel end workerd when this process is killed. Other systems have no such tool. */
const SETPRIV = "/usr/bin/setpriv";

/** The project's own workerd, or the one that this variable names, as for wrangler and miniflare. */
const WORKERD = process.env.MINIFLARE_WORKERD_PATH ?? workerd.default;

/** RuntimeSettings say what to run and where. */
export interface RuntimeSettings {
  /** Absolute path of the configuration. */
  readonly config: string;
  /** `name` in the configuration. */
  readonly name: string;
  /** Where to listen: `host:port`, with port 0 for a free one. */
  readonly address: string;
  /** Absolute path of the folder that holds the rooms. */
  readonly state: string;
}

/** Runtime is a workerd that listens. */
export interface Runtime {
  readonly port: number;
  /** Resolves when the process has ended, with its signal or exit code. */
  readonly ended: Promise<NodeJS.Signals | number>;
  /** Ends the process if it still runs: open requests get DRAIN_MS, then all connections are closed. */
  stop(): Promise<void>;
}

/** Starts workerd and waits until it listens. Gives the signal or exit code if it ends before. */
export async function startRuntime({
  config,
  name,
  address,
  state,
}: RuntimeSettings): Promise<Runtime | NodeJS.Signals | number> {
  const command = [
    ...(existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", "KILL"] : []),
    // The service for assets is experimental in workerd.
    ...[WORKERD, "serve", config, "--experimental", "--control-fd=3"],
    ...[`--socket-addr=http=${address}`, `--directory-path=${name}-do-storage=${state}`],
  ];
  // Its log goes to stderr. It stays in this process group, so that one signal reaches both.
  const child = spawn(command[0] ?? WORKERD, command.slice(1), {
    stdio: ["ignore", 2, 2, "pipe"],
    env: { TZ: "UTC" },
  });
  const ended = new Promise<NodeJS.Signals | number>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code ?? 0));
  });
  const port = await Promise.race([listeningPort(child.stdio[3]), ended.then(() => undefined)]);
  if (port === undefined) return ended;
  return {
    port,
    ended,
    async stop() {
      // With an open WebSocket it would never end by itself.
      child.kill("SIGTERM");
      await Promise.race([ended, delay(DRAIN_MS, undefined, { ref: false })]);
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The port in the first message of workerd's control channel, which it sends when it listens. */
async function listeningPort(control: unknown): Promise<number | undefined> {
  if (!(control instanceof Readable)) return undefined;
  for await (const line of createInterface({ input: control })) {
    const port = /"event":"listen".*"port":(\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  // The channel closed: the process is ending, and the caller waits for that.
  return new Promise(() => {});
}
