// The processes of a service that runs with --workers, found by the arguments of their command.
import { execFileSync } from "node:child_process";
import { poll } from "./wait.ts";

/** Runtime is a process of a service: its sequencer or one of its workers. */
export interface RuntimeProcess {
  readonly pid: number;
  /** 0 for the sequencer. */
  readonly worker: number;
}

/** The runtimes that run now, of the service whose first process has this id. */
export function runtimesOf(pid: number): RuntimeProcess[] {
  const lines = execFileSync("ps", ["-A", "-ww", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, child, parent, args = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    const worker = /(?:worker-(\d+)|sequencer)\.sock/.exec(args);
    if (Number(parent) !== pid || worker === null) return [];
    return [{ pid: Number(child), worker: Number(worker[1] ?? 0) }];
  });
}

/** Ends one runtime with SIGKILL, once it runs. */
export async function killRuntime(pid: number, worker: number): Promise<void> {
  const find = async () => runtimesOf(pid).find((runtime) => runtime.worker === worker);
  process.kill((await poll(`process ${worker} to run`, find)).pid, "SIGKILL");
}
