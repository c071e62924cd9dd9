/** FileRemoval: deletes the files of messages that are gone, in the object that has them. */
import type { FileUses } from "./file-uses.ts";
import type { Report } from "./report.ts";

/** Files that one call deletes. */
const MAX_REMOVED = 100;

/** FileRemovalOptions connect the removal to its room. */
export interface FileRemovalOptions {
  /** Returns the files of the room's messages; `null` if the log has no tables. */
  readonly uses: () => FileUses | null;
  /** Deletes files in the object that has them. */
  readonly remove: (ids: readonly string[]) => Promise<void>;
  readonly report: Report;
  /** Called after files were deleted: a room that all users have left may end then. */
  readonly onRemoved: () => void;
}

export class FileRemoval {
  readonly #options: FileRemovalOptions;
  /** Whether files are being deleted, or a deletion failed. */
  #isBusy = false;

  constructor(options: FileRemovalOptions) {
    this.#options = options;
  }

  /** Lets the next `run` try again after a deletion that failed. */
  retry(): void {
    this.#isBusy = false;
  }

  /** Deletes files until none is left. */
  async run(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    const { uses, remove, report, onRemoved } = this.#options;
    let count = 0;
    try {
      for (;;) {
        const files = uses();
        const ids = files?.gone(MAX_REMOVED) ?? [];
        if (ids.length === 0) break;
        await remove(ids);
        files?.forget(ids);
        count += ids.length;
      }
      this.#isBusy = false;
    } catch (error) {
      report("files could not be deleted", error);
    }
    if (count > 0) onRemoved();
  }
}
