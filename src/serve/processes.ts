/** Processes: the runtimes of the service. It is one process, or a sequencer with workers. */
import { once } from "node:events";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { hostAndPort, reachable } from "./address.ts";
import { bridgeFile } from "./config.ts";
import { type Ending, type Runtime, startRuntime } from "./runtime.ts";
import { StartError } from "./start-error.ts";
import { supervise } from "./supervise.ts";
import type { FrontProcess } from "./worker/settings.ts";

/** Where the sequencer takes the requests of this server. */
const LOOPBACK = "127.0.0.1";

/** ProcessesOptions say what to run and where. */
export interface ProcessesOptions {
  /** Absolute paths of the release and of the folder that holds the rooms. */
  readonly release: string;
  readonly state: string;
  /** Address to listen on. */
  readonly host: string;
  /** Port to listen on; 0 for a free one. */
  readonly port: number;
  /** Processes that take connections. If it is 1, the same process has the rooms. */
  readonly workers: number;
  /** Returns the environment of a process that starts. */
  readonly env: (process: FrontProcess) => Readonly<Record<string, string>>;
}

/** Processes are the runtimes of a service that listens. */
export interface Processes {
  /** Port that the service listens on. */
  readonly port: number;
  /** Where the process that has the rooms takes the requests of this server. */
  readonly url: string;
  /** Restarts processes that end, until `stopping` resolves. Then stops all. */
  supervise(stopping: Promise<void>): Promise<void>;
}

/** Start starts a process, at the same port each time. Gives its ending if it ends before it listens. */
type Start = (port: number) => Promise<Runtime | Ending>;

interface Started {
  readonly name: string;
  readonly runtime: Runtime;
  readonly start: Start;
}

/** Starts the service. Throws a StartError if a process does not start. */
export async function startProcesses(options: ProcessesOptions): Promise<Processes> {
  const { host, port, workers } = options;
  if (workers === 1) {
    const alone = await started("alone", port, starter(options, { type: "alone" }, host));
    return processes([alone], alone.runtime.port, reachable(host));
  }
  // A user that can open a socket in it can call every room.
  chmodSync(options.release, 0o700);
  const all: Started[] = [];
  try {
    const sequencer = starter(options, { type: "sequencer", workers }, LOOPBACK);
    all.push(await started("sequencer", 0, sequencer));
    let shared = port;
    for (let number = 1; number <= workers; number += 1) {
      const start = starter(options, { type: "worker", number }, host);
      const worker = await started(`worker ${number}`, shared, start);
      all.push(worker);
      shared = worker.runtime.port;
    }
    return processes(all, shared, LOOPBACK);
  } catch (error) {
    await Promise.all(all.map(({ runtime }) => runtime.stop()));
    throw error;
  }
}

/** Processes of which the first has the rooms, and takes the requests of this server at `host`. */
function processes(all: readonly Started[], port: number, host: string): Processes {
  const [first] = all;
  return {
    port,
    url: `http://${hostAndPort(host, first?.runtime.port ?? port)}`,
    async supervise(stopping) {
      await Promise.all(
        all.map(({ name, runtime, start }) => supervise(name, runtime, () => start(runtime.port), stopping)),
      );
    },
  };
}

async function started(name: string, port: number, start: Start): Promise<Started> {
  const runtime = await start(port);
  if (typeof runtime === "object") return { name, runtime, start };
  throw new StartError("The runtime ended before it listened; its output is above.");
}

function starter(options: ProcessesOptions, process: FrontProcess, host: string): Start {
  const { release, state, env } = options;
  if (process.type !== "worker") {
    const bridge = process.type === "sequencer" ? bridgeFile(0) : null;
    const { type } = process;
    return (port) =>
      startRuntime({ release, type, bridge, state, listen: hostAndPort(host, port), env: env(process) });
  }
  const { type, number } = process;
  const relays = join(release, `relays-${number}`);
  return async (port) => {
    // What relays store is of no use to the next process: its connections have ended.
    rmSync(relays, { recursive: true, force: true });
    mkdirSync(relays);
    const listen = await sharedSocket(host, port);
    return startRuntime({
      ...{ release, type, listen, bridge: bridgeFile(number), state: relays, env: env(process) },
    });
  };
}

/** Listens beside other processes: the system spreads the connections over all that listen. */
async function sharedSocket(host: string, port: number): Promise<Server> {
  const server = createServer().listen({ host, port, reusePort: true });
  await once(server, "listening");
  return server;
}
