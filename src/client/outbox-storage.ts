/** Outbox storage: the outbox as text, so that it survives a reload where the platform keeps texts. */
import * as v from "valibot";
import { ERROR_STATUS } from "../protocol/errors.ts";
import { KEY } from "./options.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import type { Entry } from "./outbox-entry.ts";
import { type OutboxStorage, reportUncaught } from "./platform.ts";

const Stored = v.object({
  version: v.literal(1),
  /** Secret of the throw-away identity under which the entries were sent, where no other was handed in. */
  key: v.exactOptional(v.pipe(v.string(), v.regex(KEY))),
  epoch: v.nullable(v.string()),
  entries: v.array(v.unknown()),
});

const Seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));

const StoredEntry = v.object({
  at: v.number(),
  command: v.variant("type", [
    v.object({ type: v.literal("send"), id: Id, text: v.string(), reply: v.exactOptional(Seq) }),
    v.object({ type: v.literal("edit"), id: Id, target: Seq, text: v.string() }),
    v.object({ type: v.literal("delete"), id: Id, target: Seq }),
    v.object({ type: v.literal("react"), id: Id, target: Seq, emoji: v.string(), on: v.boolean() }),
  ]),
  sent: v.exactOptional(v.object({ at: v.number(), after: Seq })),
  error: v.exactOptional(
    v.object({
      code: v.picklist(Object.keys(ERROR_STATUS) as (keyof typeof ERROR_STATUS)[]),
      message: v.string(),
      retryAfter: v.exactOptional(v.number()),
    }),
  ),
});

type StoredEntry = v.InferOutput<typeof StoredEntry>;

/** OutboxKeeper saves the outbox after each change of it, and reads it back. */
export class OutboxKeeper {
  /** Key of the throw-away identity under which the entries read back were sent. */
  readonly key: string | undefined;
  readonly #storage: OutboxStorage | undefined;
  #saved: Outbox;
  #hasFailed = false;

  constructor(storage: OutboxStorage | undefined) {
    this.#storage = storage;
    const { outbox, key } = parseOutbox(this.#load());
    this.#saved = outbox;
    this.key = key;
  }

  /** The outbox as it was read or last saved. */
  get outbox(): Outbox {
    return this.#saved;
  }

  /** Saves `outbox`. `key` is that of a throw-away identity: what was sent is found under no other. */
  save(outbox: Outbox, key: string | undefined): void {
    if (outbox === this.#saved) return;
    this.#saved = outbox;
    try {
      this.#storage?.save(serializeOutbox(outbox, key));
    } catch (error) {
      // A full storage stays full: the client goes on without it, and says so once.
      if (!this.#hasFailed) reportUncaught(error);
      this.#hasFailed = true;
    }
  }

  #load(): string | null {
    try {
      return this.#storage?.load() ?? null;
    } catch (error) {
      reportUncaught(error);
      return null;
    }
  }
}

/** The outbox that `text` holds; whatever of it cannot be read is as if it were not there. */
export function parseOutbox(text: string | null): {
  readonly outbox: Outbox;
  readonly key: string | undefined;
} {
  const empty = { outbox: createOutbox([], null), key: undefined };
  if (text === null) return empty;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return empty;
  }
  if (!v.is(Stored, json)) return empty;
  const entries = new Map<string, Entry>();
  for (const candidate of json.entries) {
    const parsed = v.safeParse(StoredEntry, candidate);
    if (parsed.success) entries.set(parsed.output.command.id, toEntry(parsed.output));
  }
  return { outbox: createOutbox([...entries.values()], json.epoch), key: json.key };
}

/** The text that `parseOutbox` reads. */
export function serializeOutbox(outbox: Outbox, key: string | undefined): string {
  const entries = outbox.entries
    .filter((entry) => entry.seq === undefined)
    .map(({ at, command, sent, error }): StoredEntry => {
      return { at, command, ...(sent && { sent }), ...(error && { error }) };
    });
  // What is undefined is left out of the text.
  const kept = entries.length > 0 ? key : undefined;
  return JSON.stringify({ version: 1, epoch: outbox.epoch, entries, key: kept });
}

/** What was sent before the reload was sent on a connection that is gone. */
function toEntry({ at, command, sent, error }: StoredEntry): Entry {
  const { id, type: kind } = command;
  if (error !== undefined) return { id, kind, command, at, status: "failed", error };
  const doubt = sent === undefined ? {} : { sent, doubtful: true as const };
  return { id, kind, command, at, status: "queued", ...doubt };
}
