/** Runtime: the workerd process that runs the service. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import workerd from "workerd";
import { StartError } from "./start-error.ts";

/** Names that the generated configuration gives its socket and its folder, for the command line to set them. */
export const SOCKET = "http";
export const STATE = "state";

/** How long, in ms, requests under way may take to end once the server is told to stop. */
const DRAIN_MS = 500;

/** What makes the kernel end workerd when this process is killed alone; other systems have no such thing. */
const SETPRIV = "/usr/bin/setpriv";

/** The workerd to run: the project's own, or the one that this variable names, as for wrangler and miniflare. */
const WORKERD = process.env.MINIFLARE_WORKERD_PATH ?? workerd.default;

/** Runtime is a workerd that listens. */
export interface Runtime {
  readonly port: number;
  /** Fulfilled when the process has ended, with the signal or the exit code that it ended by. */
  readonly ended: Promise<NodeJS.Signals | number>;
  /** Ends the process, if it has not ended: requests under way get DRAIN_MS, sockets are cut. */
  stop(): Promise<void>;
}

/** Starts workerd and waits until it listens on `address`. Throws a StartError where it ends instead. */
export async function startRuntime(
  config: Uint8Array,
  address: string,
  state: string,
  vars: Readonly<Record<string, string>>,
): Promise<Runtime> {
  const command = [
    ...(existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", "KILL"] : []),
    ...[WORKERD, "serve", "--binary", `--socket-addr=${SOCKET}=${address}`],
    ...[`--directory-path=${STATE}=${state}`, "--control-fd=3", "-"],
  ];
  // Whatever it logs goes to stderr. It stays in this process group, so that one signal reaches all.
  const child = spawn(command[0] ?? WORKERD, command.slice(1), {
    stdio: ["pipe", 2, 2, "pipe"],
    env: { ...vars, TZ: "UTC" },
  });
  const ended = new Promise<NodeJS.Signals | number>((tell) => {
    child.once("exit", (code, signal) => tell(signal ?? code ?? 0));
  });
  child.stdin?.on("error", () => {}); // It ended before it read all: `ended` tells.
  child.stdin?.end(config);
  const port = await Promise.race([listeningPort(child.stdio[3]), ended.then(() => undefined)]);
  if (port === undefined)
    throw new StartError("The runtime ended before it listened; what it said is above.");
  return {
    port,
    ended,
    async stop() {
      // With a socket open it would never end by itself.
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
  // The channel closed: the process is ending, which the caller waits for.
  return new Promise(() => {});
}
