/** Runtime: the workerd process that runs the service. */
import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import workerd from "workerd";
import { BRIDGE, CONFIG_FILES, type ProcessType, SOCKET, STATE } from "./config.ts";

/** How long, in ms, open requests may take to end after `stop`. */
const DRAIN_MS = 500;

/** On Linux, makes the kernel end workerd when this process is killed. Other systems have no such tool. */
const SETPRIV = "/usr/bin/setpriv";

/** The project's own workerd, or the one that this variable names, as for wrangler and miniflare. */
const WORKERD = process.env.MINIFLARE_WORKERD_PATH ?? workerd.default;

/** A message of workerd's control channel about the socket for requests. */
const LISTENING = new RegExp(`"event":"listen".*"socket":"${SOCKET}".*"port":(\\d+)`);

/** RuntimeSettings say what to run and where. */
export interface RuntimeSettings {
  /** Absolute path of the release. */
  readonly release: string;
  readonly type: ProcessType;
  /** Where to listen: `host:port`, with port 0 for a free one, or a server that listens and is handed over. */
  readonly listen: string | Server;
  /** Name of the socket file for the calls of other processes, in the folder of the release; `null`: none. */
  readonly bridge: string | null;
  /** Absolute path of the folder that holds the objects of this process. */
  readonly state: string;
  /** Environment: the values that the configuration takes from it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Ending is the signal or the exit code of a process that has ended. */
export type Ending = NodeJS.Signals | number;

/** Runtime is a workerd that listens. */
export interface Runtime {
  readonly port: number;
  /** Resolves when the process has ended. */
  readonly ended: Promise<Ending>;
  /** Ends the process if it still runs: open requests get DRAIN_MS, then all connections are closed. */
  stop(): Promise<void>;
}

/** Starts workerd and waits until it listens. Gives its ending if it ends before. */
export async function startRuntime(settings: RuntimeSettings): Promise<Runtime | Ending> {
  const { release, type, listen, bridge, state, env } = settings;
  // The file of a process that was killed is still there.
  if (bridge !== null) rmSync(join(release, bridge), { force: true });
  const command = [
    ...(existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", "KILL"] : []),
    // The service for assets is experimental in workerd.
    ...[WORKERD, "serve", CONFIG_FILES[type], "--experimental", "--control-fd=3"],
    typeof listen === "string" ? `--socket-addr=${SOCKET}=${listen}` : `--socket-fd=${SOCKET}=4`,
    // Relative to the release: the path of a socket must be short.
    ...(bridge === null ? [] : [`--socket-addr=${BRIDGE}=unix:${bridge}`]),
    `--directory-path=${STATE}=${state}`,
  ];
  // Its log goes to stderr. It stays in this process group, so that one signal reaches both.
  const child = spawn(command[0] ?? WORKERD, command.slice(1), {
    cwd: release,
    stdio: ["ignore", 2, 2, "pipe", ...(typeof listen === "string" ? [] : [descriptorOf(listen)])],
    env: { ...env, TZ: "UTC" },
  });
  // It has its own descriptor of the socket now. Here the socket would take connections that nobody serves.
  if (typeof listen !== "string") listen.close();
  const ended = new Promise<Ending>((resolve) => {
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

/** The port in the message of workerd's control channel about the socket for requests, the last that it opens. */
async function listeningPort(control: unknown): Promise<number | undefined> {
  if (!(control instanceof Readable)) return undefined;
  for await (const line of createInterface({ input: control })) {
    const port = LISTENING.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  // The channel closed: the process is ending, and the caller waits for that.
  return new Promise(() => {});
}

/** The descriptor of the socket of a server. Node has no other way to hand over a socket that only listens. */
function descriptorOf(server: Server): number {
  const handle: unknown = Reflect.get(server, "_handle");
  const fd = typeof handle === "object" && handle !== null && "fd" in handle ? handle.fd : undefined;
  if (typeof fd !== "number" || fd < 0) throw new Error("the server does not listen");
  return fd;
}
