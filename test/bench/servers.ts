/** The servers: how each is started, and which dialect it speaks. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { eventually } from "../helpers/wait.ts";
import { onServerCore } from "./cores.ts";
import { BARE, CHAT, type Dialect, SOCKET_IO } from "./load/dialect.ts";

/** ServerKind is one of the compared servers. */
export interface ServerKind {
  readonly name: string;
  /** Description for the report. */
  readonly about: string;
  readonly dialect: Dialect;
  /** Program that runs it. Default: Node. */
  readonly program?: string;
  /** Arguments for the program. `state` is an empty folder. */
  command(state: string): string[];
}

/** Server is a running server. */
export interface Server {
  readonly port: number;
  /** Its first process. */
  readonly pid: number;
  /** Resident memory of all its processes, in bytes. */
  memory(): number;
  /** CPU time of each of its processes by pid, in ms. Linux only. */
  cpu(): ReadonlyMap<number, number>;
  /** Ends all its processes and deletes its state. */
  stop(): Promise<void>;
}

/** Name of the server on Bun, which is not always available. */
export const BUN = "Bun";

const script = (name: string) => resolve(import.meta.dirname, "servers", name);

export const ROOM: ServerKind = {
  name: "edge-chat",
  about: "this project on workerd, as `npm run serve` starts it; every message is stored before it is sent",
  dialect: CHAT,
  command: (state) => [
    ...[resolve("src/serve/main.ts"), "--host", "127.0.0.1", "--port", "0", "--state", state],
    // A few senders stand for many, so they have no rate limit.
    ...["--var", "MESSAGE_RATE=0"],
  ],
};

export const OTHERS: readonly ServerKind[] = [
  {
    name: "naive",
    about: "a Durable Object on workerd that forwards each message at once; nothing is stored",
    dialect: BARE,
    command: (state) => [script("naive.ts"), state],
  },
  {
    name: "ws",
    about: "the `ws` library on Node, forwarding each message at once; nothing is stored",
    dialect: BARE,
    command: () => [script("ws.ts")],
  },
  {
    name: "Socket.IO",
    about: "Socket.IO on Node, WebSockets only, `io.emit` of each message; nothing is stored",
    dialect: SOCKET_IO,
    command: () => [script("socket-io.ts")],
  },
];

/** The server on Bun, whose program is at this path. */
export function bunServer(program: string): ServerKind {
  return {
    name: BUN,
    about: "Bun's own WebSocket server and publish, forwarding each message at once; nothing is stored",
    dialect: BARE,
    program,
    command: () => [script("bun.ts")],
  };
}

/** A server that only streams frames of `messages` messages each, to find the limit of the load. */
export function streamOf(messages: number): ServerKind {
  return {
    name: `stream of ${messages}`,
    about: `frames of ${messages} messages, streamed`,
    dialect: BARE,
    command: () => [script("stream.ts"), String(messages)],
  };
}

/**
 * Starts a server and waits until it listens.
 *
 * @param useAllCores - do not keep it on the servers' core
 */
export async function start(kind: ServerKind, useAllCores = false): Promise<Server> {
  const state = await mkdtemp(join(tmpdir(), "edge-chat-bench-"));
  const command = [kind.program ?? process.execPath, ...kind.command(state)];
  const [file = "", ...args] = useAllCores ? command : onServerCore(command);
  // In its own process group, one signal ends all its processes.
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const exited = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  }
  const killGroup = () => kill(child);
  process.once("exit", killGroup);
  const stop = async () => {
    killGroup();
    await exited;
    process.off("exit", killGroup);
    await rm(state, { recursive: true, force: true, maxRetries: 5 });
  };
  const probe = () => {
    const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
    if (port !== undefined) return Number(port);
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the server ended, with the output:\n${output}`);
    return undefined;
  };
  const subscribe = (listener: () => void) => {
    child.stdout.on("data", listener);
    child.once("close", listener);
    return () => child.stdout.off("data", listener);
  };
  try {
    const port = await eventually(`${kind.name} to listen`, probe, subscribe, 60_000);
    const group = child.pid ?? 0;
    return { port, pid: group, memory: () => residentBytes(group), cpu: () => cpuTimes(group), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Resident memory of all processes of a group. `ps` has these columns on every Unix. */
function residentBytes(group: number): number {
  const lines = execFileSync("ps", ["-A", "-o", "pgid=", "-o", "rss="], { encoding: "utf8" })
    .trim()
    .split("\n");
  const sizes = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return sizes.reduce((sum, [pgid, kib = 0]) => (pgid === group ? sum + kib * 1024 : sum), 0);
}

/** Ticks of the kernel's clock per second, on all Linux systems that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time of all processes of a group, in ms, in steps of 10. */
function cpuTimes(group: number): Map<number, number> {
  const times = new Map<number, number>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    let stat: string;
    try {
      stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    } catch {
      // It has ended meanwhile.
      continue;
    }
    // The second field, the name in brackets, may contain spaces. The times are fields 14 and 15.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, , pgid, , , , , , , , , user = 0, system = 0] = fields;
    if (pgid === group) times.set(Number(pid), ((user + system) * 1_000) / TICKS_PER_SECOND);
  }
  return times;
}

function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
