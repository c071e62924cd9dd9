/** Cores: servers on one, the load on another, where the system lets us choose. */
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";

const SERVER_CORE = 0;
const LOAD_CORE = 1;

/** Whether servers and load each have a core of their own. */
export const PINNED = availableParallelism() > 1 && hasTaskset();

/** A command line that runs `command` on the core of the servers. */
export function onServerCore(command: readonly string[]): string[] {
  return PINNED ? ["taskset", "-c", String(SERVER_CORE), ...command] : [...command];
}

/** Puts this process, all its threads, on the core of the load. */
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
