// Memory of a service's runtime.
import { readFileSync } from "node:fs";

/** Resident memory, in bytes, of the runtime that the process `pid` started. Linux only. */
export function runtimeMemory(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ");
  const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child}/status`, "utf8"))?.[1];
  return Number(rss) * 1024;
}
