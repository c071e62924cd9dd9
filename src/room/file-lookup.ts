/** File lookup: finds the files of a message in the object that has them. */
import { accept, reject } from "../protocol/index.ts";
import type { FileLookup, StoredFile } from "./message-files.ts";
import type { Report } from "./report.ts";

const RETRY_MS = 1_000;

/** Files is the object of a room's files. */
export interface Files {
  describe(ids: readonly string[], user: string): Promise<readonly StoredFile[] | null>;
}

/**
 * Returns the lookup in `files`.
 *
 * @param onChange - called after each result
 */
export function fileLookup(files: () => Files, report: Report, onChange: () => void): FileLookup {
  const lookUp: FileLookup["describe"] = async (ids, user, onResult) => {
    try {
      onResult(accept(await files().describe(ids, user)));
    } catch (error) {
      report("files could not be looked up", error);
      onResult(reject("rate_limited", "the files are not available: try again in a second", RETRY_MS));
    }
    onChange();
  };
  return { describe: (...request) => void lookUp(...request) };
}
