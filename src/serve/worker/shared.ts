/** Shared: what the front, the bridge and the objects of one process have in common. */
import { DescriptorBudget } from "./descriptor-budget.ts";
import type { DiskState } from "./read-only.ts";
import type { FrontSettings } from "./settings.ts";

/** Folder is a service that serves a folder of the disk. */
interface Folder {
  fetch(url: string): Promise<Response>;
}

/** SharedEnv has the bindings that the server sets in each process. */
export interface SharedEnv {
  /** FrontSettings as JSON. */
  readonly SERVE: string;
  /** Lists the file descriptors of the runtime. */
  readonly SERVE_DESCRIPTORS: Folder;
}

/** Shared is made once in each process: there is one isolate. */
export interface Shared {
  readonly settings: FrontSettings;
  readonly disk: DiskState;
  readonly budget: DescriptorBudget;
}

let shared: Shared | undefined;

export function sharedOf(env: SharedEnv): Shared {
  if (shared !== undefined) return shared;
  const settings: FrontSettings = JSON.parse(env.SERVE);
  const max = settings.maxDescriptors ?? Number.POSITIVE_INFINITY;
  const budget = new DescriptorBudget(max, () => openDescriptors(env.SERVE_DESCRIPTORS));
  shared = { settings, disk: { isFull: settings.isDiskFull }, budget };
  return shared;
}

/** The number of open file descriptors, or 0 if the system does not list them. */
async function openDescriptors(folder: Folder): Promise<number> {
  const response = await folder.fetch("http://descriptors/");
  if (!response.ok) return 0;
  const entries: unknown = await response.json();
  return Array.isArray(entries) ? entries.length : 0;
}
