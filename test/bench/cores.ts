/** Pins the servers to one core and the load to another, if the system can. */
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";

const SERVER_CORE = 0;
const LOAD_CORE = 1;

/** Whether servers and load run on separate cores. */
export const PINNED = availableParallelism() > 1 && hasTaskset();

/** Returns a command line that runs `command` on the servers' core. */
export function onServerCore(command: readonly string[]): string[] {
  return PINNED ? ["taskset", "-c", String(SERVER_CORE), ...command] : [...command];
}

/** Moves all threads of this process to the load's core. */
export function useLoadCore(): void {
  if (PINNED) execFileSync("taskset", ["-a", "-p", "-c", String(LOAD_CORE), String(process.pid)]);
}

function hasTaskset(): boolean {
  try {
    for (const core of [SERVER_CORE, LOAD_CORE]) execFileSync("taskset", ["-c", String(core), "true"]);
    return true;
  } catch {
    return false;
  }
}
