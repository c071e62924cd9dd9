/** Outbox storage: the outbox as a string, so that it survives a reload. */
import * as v from "valibot";
import { ERROR_STATUS } from "../protocol/errors.ts";
import { LogCommand } from "../protocol/events.ts";
import { ID_PATTERN, Key } from "../protocol/fields.ts";
import { Outbox } from "./outbox.ts";
import { afterDisconnect, type Entry, failed, newEntry } from "./outbox-entry.ts";
import { type OutboxStorage, randomToken, reportUncaught } from "./platform.ts";

const Stored = v.object({
  version: v.literal(1),
  /** Key under which the entries were sent, if the program passed none. */
  key: v.exactOptional(Key),
  epoch: v.nullable(v.string()),
  entries: v.array(v.unknown()),
});

const StoredEntry = v.object({
  at: v.number(),
  command: v.unknown(),
  sent: v.exactOptional(
    v.object({ at: v.number(), after: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
  ),
  error: v.exactOptional(
    v.object({
      code: v.picklist(Object.keys(ERROR_STATUS) as (keyof typeof ERROR_STATUS)[]),
      message: v.string(),
      retryAfter: v.exactOptional(v.number()),
    }),
  ),
});

type StoredEntry = v.InferOutput<typeof StoredEntry>;

/** An outbox of up to this many entries is saved after each change. */
const SMALL_OUTBOX = 100;
/** Least time between two saves of a larger one: each writes all of it. */
const SAVE_INTERVAL_MS = 200;

/** OutboxStore loads the outbox once and saves it after changes. */
export class OutboxStore {
  readonly outbox: Outbox;
  /** The program's key; without one, the key of the stored entries or a new one. */
  readonly key: string;
  readonly #storage: OutboxStorage | undefined;
  /** Saved with the entries: under another key, the room would not find what was sent. */
  readonly #storedKey: string | undefined;
  readonly #texts = new WeakMap<Entry, string>();
  #savedRevision: number;
  #savedAt = Number.NEGATIVE_INFINITY;
  #hasFailed = false;

  constructor(storage: OutboxStorage | undefined, key: string | undefined, keepsFailed = true) {
    this.#storage = storage;
    const text = this.#load();
    const { outbox, key: oldKey } = parseOutbox(text, keepsFailed);
    this.outbox = outbox;
    this.key = key ?? oldKey ?? randomToken();
    this.#storedKey = key === undefined ? this.key : undefined;
    this.#savedRevision = outbox.revision;
    // Older versions left a string for an empty outbox.
    if (text !== null && outbox.entries.length === 0) this.#save(null);
  }

  /** Saves changes, or postpones that to `dueAt` if the outbox is large. `now` is Unix ms. */
  save(now: number): void {
    const due = this.dueAt;
    if (due !== null && due <= now) this.flush(now);
  }

  /** Saves changes at once. `now` is Unix ms. */
  flush(now: number): void {
    const { entries, epoch, revision } = this.outbox;
    if (revision === this.#savedRevision) return;
    this.#savedRevision = revision;
    this.#savedAt = now;
    this.#save(serializeOutbox(entries, epoch, this.#storedKey, (entry) => this.#textOf(entry)));
  }

  /** When changes are to be saved, Unix ms, or `null` if there are none. */
  get dueAt(): number | null {
    const { size, revision } = this.outbox;
    if (this.#storage === undefined || revision === this.#savedRevision) return null;
    return size <= SMALL_OUTBOX ? 0 : this.#savedAt + SAVE_INTERVAL_MS;
  }

  #textOf(entry: Entry): string {
    const text = this.#texts.get(entry) ?? serializeEntry(entry);
    this.#texts.set(entry, text);
    return text;
  }

  #load(): string | null {
    try {
      return this.#storage?.load() ?? null;
    } catch (error) {
      reportUncaught(error);
      return null;
    }
  }

  #save(text: string | null): void {
    try {
      this.#storage?.save(text);
    } catch (error) {
      // A full storage stays full: report it once and go on without it.
      if (!this.#hasFailed) reportUncaught(error);
      this.#hasFailed = true;
    }
  }
}

/** Returns the outbox in `text`, as after a lost connection; invalid entries are left out. */
export function parseOutbox(
  text: string | null,
  keepsFailed = true,
): { readonly outbox: Outbox; readonly key: string | undefined } {
  const empty = { outbox: new Outbox([], null, keepsFailed), key: undefined };
  if (text === null) return empty;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return empty;
  }
  if (!v.is(Stored, json)) return empty;
  const entries: Entry[] = [];
  for (const candidate of json.entries) {
    const entry = parseEntry(candidate);
    if (entry !== null && (keepsFailed || entry.status !== "failed")) entries.push(entry);
  }
  return { outbox: new Outbox(entries, json.epoch, keepsFailed), key: json.key };
}

/** Returns the text that `parseOutbox` reads, or `null` if there is nothing to send. */
export function serializeOutbox(
  entries: readonly Entry[],
  epoch: string | null,
  key: string | undefined,
  textOf: (entry: Entry) => string = serializeEntry,
): string | null {
  // The room has stored a command that has a seq.
  const unsettled = entries.filter(({ seq }) => seq === undefined);
  if (unsettled.length === 0) return null;
  const head = JSON.stringify({ version: 1, epoch, key });
  return `${head.slice(0, -1)},"entries":[${unsettled.map(textOf).join()}]}`;
}

function serializeEntry({ at, command, sent, error }: Entry): string {
  const stored: StoredEntry = { at, command, ...(sent && { sent }), ...(error && { error }) };
  return JSON.stringify(stored);
}

function parseEntry(json: unknown): Entry | null {
  const stored = v.safeParse(StoredEntry, json);
  if (!stored.success) return null;
  const { at, sent, error } = stored.output;
  const command = v.safeParse(LogCommand, stored.output.command);
  // A field of the right type is enough, because only the room knows its current limits. The id must be
  // valid: the room's answer to a command with an invalid one could not be assigned to it.
  if (!command.typed || !ID_PATTERN.test(command.output.id)) return null;
  const entry = { ...newEntry(command.output, at), ...(sent && { sent }) };
  return error === undefined ? afterDisconnect(entry) : failed(entry, error);
}
