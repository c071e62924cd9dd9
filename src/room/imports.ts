/** Imports: an export in the format `jsonl` becomes the log of an empty room. */
import {
  accept,
  type CommandError,
  cleanName,
  guestName,
  type RoomEvent,
  reject,
} from "../protocol/index.ts";
import type { RoomConfig } from "./config.ts";
import { userId } from "./identity.ts";
import { ImportError, ImportFile } from "./import-file.ts";
import { ImportedLog } from "./imported-log.ts";
import type { Log } from "./log.ts";
import type { Report } from "./report.ts";
import type { Rules } from "./rules.ts";
import type { Sequencer } from "./sequencer.ts";
import type { Store } from "./store.ts";

/** Events of one transaction, and length of their texts in UTF-16 units: a few milliseconds. */
const BATCH_EVENTS = 250;
const BATCH_LENGTH = 128 * 1024;

/** Importer is the caller of an import: the holder of an owner's key, or of an owner secret. */
export interface Importer {
  readonly key: string;
  /** Name in the notice; `""`: the name that the room knows. */
  readonly name: string;
}

/** ImportReceipt is the result of an import. */
export interface ImportReceipt {
  readonly epoch: string;
  /** Seq of the notice about the import: the head of the log. */
  readonly seq: number;
  /** Messages in the file. */
  readonly messages: number;
  /** Seq up to which events may be missing. */
  readonly pruned: number;
}

/** ImportResult is a receipt, or why nothing was imported: with the wrong line of the file, if one is wrong. */
export type ImportResult<T = ImportReceipt> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: CommandError & { readonly line?: number } };

/** ImportsOptions connect imports to their room. */
export interface ImportsOptions {
  readonly store: Store;
  readonly log: Log;
  readonly rules: Rules;
  readonly sequencer: Sequencer;
  readonly config: RoomConfig;
  readonly report: Report;
}

export class Imports {
  readonly #options: ImportsOptions;
  #isRunning = false;

  constructor(options: ImportsOptions) {
    this.#options = options;
  }

  /**
   * Imports a file. Its events become visible after the last line was checked. If a line is wrong, or the process is
   * killed, the import stores nothing.
   *
   * @param pause - called after each transaction, so that messages are not delayed
   * @param wake - called when the sequencer has a command to commit
   * @param now - returns Unix ms
   */
  async run(
    file: AsyncIterable<Uint8Array>,
    importer: Importer,
    { pause, wake, now }: { pause: () => Promise<void>; wake: () => void; now: () => number },
  ): Promise<ImportResult> {
    const { store, sequencer, config } = this.#options;
    const { user, secret } = this.#identify(importer);
    const denied = sequencer.denied({ type: "import", messages: 0 }, user, { secret }, now());
    if (denied !== null) return { ok: false, error: denied };
    if (this.#isRunning) return reject("conflict", "another import into this room is running");
    this.#isRunning = true;
    let imported: ImportedLog | null = null;
    try {
      imported = new ImportedLog(store, config.historyLimit);
      await read(file, imported, new ImportFile(now()), pause);
      const committed = this.#commit(imported, importer);
      wake();
      return await committed;
    } catch (error) {
      return { ok: false, error: this.#errorOf(error) };
    } finally {
      imported?.discard();
      this.#isRunning = false;
    }
  }

  #commit(imported: ImportedLog, importer: Importer): Promise<ImportResult> {
    const { log, rules, sequencer } = this.#options;
    const { user, secret } = this.#identify(importer);
    const name = cleanName(importer.name) || rules.nameOf(user) || guestName(user);
    const { count: messages } = imported;
    return new Promise((resolve) => {
      sequencer.submit({
        author: () => ({ user, name }),
        body: { type: "import", messages },
        id: undefined,
        isPlain: false,
        since: null,
        details: { secret, imported },
        onResult: (result) => {
          const { epoch, pruned } = log;
          resolve(result.ok ? accept({ epoch, seq: result.value.seq, messages, pruned }) : result);
        },
      });
    });
  }

  #identify({ key }: Importer): { user: string; secret: string } {
    // An owner secret has the form of a key.
    return { user: userId(this.#options.log.secrets.secret, key), secret: key };
  }

  #errorOf(error: unknown): CommandError & { line?: number } {
    if (error instanceof ImportError) {
      const { line, message } = error;
      return line === null ? { code: "too_long", message } : { code: "bad_request", message, line };
    }
    this.#options.report("an import failed", error);
    return { code: "internal", message: "the messages could not be imported" };
  }
}

/** Reads a file into a log, in batches. Throws an ImportError if it is damaged. */
async function read(
  file: AsyncIterable<Uint8Array>,
  log: ImportedLog,
  lines: ImportFile,
  pause: () => Promise<void>,
): Promise<void> {
  let batch: RoomEvent[] = [];
  let length = 0;
  const write = async () => {
    log.append(batch);
    batch = [];
    length = 0;
    await pause();
  };
  for await (const chunk of file) {
    for (const entry of lines.read(chunk)) {
      if (entry.type === "missing") {
        log.skip(entry.upTo);
        continue;
      }
      batch.push(entry);
      length += "text" in entry ? entry.text.length : 0;
      if (batch.length >= BATCH_EVENTS || length >= BATCH_LENGTH) await write();
    }
  }
  lines.end();
  await write();
  log.title = lines.title;
}
