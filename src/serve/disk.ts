/** Disk: watches the free space for the rooms. While there is too little, the rooms are read-only. */
import { statfs } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { SERVER_HEADER } from "./worker/settings.ts";

/** How often, in ms, the free space is measured, and how long the front may take to answer. */
const CHECK_MS = 1_000;

/** Bytes above the least free space at which the rooms accept messages again, so that they do not alternate. */
const RECOVERY = 16e6;

/** DiskWatchOptions connect a DiskWatch to the system and to the runtime. */
export interface DiskWatchOptions {
  /** Bytes below which the disk counts as full; 0 to never measure. */
  readonly minFree: number;
  /** Gives the bytes that are free now. */
  readonly measure: () => Promise<number>;
  /** Tells the runtime. Gives whether it has taken the news. */
  readonly tell: (isFull: boolean) => Promise<boolean>;
}

/** DiskWatch knows whether the disk counts as full, and tells the runtime about a change until it takes it. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  #isFull = false;
  #isTold = true;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  /** Whether the disk counts as full, by the last check. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Measures once. A change is logged. */
  async check(): Promise<void> {
    const { minFree, measure, tell } = this.#options;
    if (minFree === 0) return;
    const free = await measure().catch(() => undefined);
    if (free === undefined) return;
    const isFull = free < (this.#isFull ? minFree + RECOVERY : minFree);
    const isChange = isFull !== this.#isFull;
    this.#isFull = isFull;
    if (isChange || !this.#isTold) this.#isTold = await tell(isFull);
    if (!isChange) return;
    const event = isFull
      ? "the disk is full: the rooms are read-only"
      : "the disk has space again: the rooms accept messages";
    console.error(JSON.stringify({ event, freeMB: Math.floor(free / 1e6), minFreeMB: minFree / 1e6 }));
  }

  /** Checks as long as this process runs. */
  async run(): Promise<never> {
    for (;;) {
      await delay(CHECK_MS, undefined, { ref: false });
      await this.check();
    }
  }
}

/** Bytes that are free for this user on the disk of `folder`. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Tells the front at `url` whether the disk is full. Gives whether it has taken the news. */
export async function tellFront(url: string, token: string, isFull: boolean): Promise<boolean> {
  try {
    const headers = { [SERVER_HEADER]: token };
    const signal = AbortSignal.timeout(CHECK_MS);
    return (await fetch(url, { method: "PUT", headers, body: `${isFull}`, signal })).status === 204;
  } catch {
    return false; // The runtime is starting or has no connection left.
  }
}
