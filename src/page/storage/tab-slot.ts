/**
 * A tab's slot in a room: the stored outbox and draft of that tab. Two tabs in one room have two slots. The next tab
 * takes over a slot in which a closed tab left something, so that nothing typed is lost.
 */
import * as v from "valibot";
import type { OutboxStorage } from "../../client/index.ts";
import { itemNames, readItem, readJson, writeItem } from "./browser-storage.ts";

const Draft = v.object({
  /** New message. */
  text: v.string(),
  /** Seq of the message that the new one answers. */
  reply: v.optional(v.number()),
  /** Unfinished edit of an own message: the text `before` it and the text so far. */
  edit: v.optional(v.object({ seq: v.number(), before: v.string(), text: v.string() })),
});

/** Draft is what was written in a room and not sent. */
export type Draft = v.InferOutput<typeof Draft>;

/** Prefix of the names under which the files of messages that are not sent are stored. */
export const FILES = "files:";

export interface TabSlot {
  readonly outbox: OutboxStorage;
  /** Files of messages that are not sent, as a string. */
  readonly files: OutboxStorage;
  readonly draft: { load(): Draft; save(draft: Draft): void };
  /** Releases the slot for another tab. */
  release(): void;
}

/** Tabs in one room beyond this number share the last slot. */
const MAX_SLOTS = 20;

/** Returns the texts that were written and not sent in any tab, by room. */
export function drafts(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of itemNames("draft:")) {
    const text = readJson(name, Draft)?.text.trim() ?? "";
    const room = name.split(":")[1];
    if (room !== undefined && text !== "") found.set(room, text);
  }
  return found;
}

/** Takes a slot in `room`: first one in which another tab left something. */
export async function takeTabSlot(room: string): Promise<TabSlot> {
  for (const number of slotOrder(room)) {
    const release = await lock(slotLock(room, number));
    if (release !== null) return slotOf(room, number, release);
  }
  return slotOf(room, MAX_SLOTS, () => undefined);
}

/** Returns the name of the lock on a slot. Pages of older versions use the same name for the same stored values. */
export function slotLock(room: string, number: number | ""): string {
  return `edge-chat:place:${room}:${number}`;
}

function slotOrder(room: string): number[] {
  const used = new Set<number>();
  for (const kind of ["outbox:", "draft:", FILES]) {
    const start = `${kind}${room}:`;
    for (const name of itemNames(start)) {
      const number = Number(name.slice(start.length));
      if (Number.isInteger(number) && number >= 0 && number < MAX_SLOTS) used.add(number);
    }
  }
  const free = Array.from({ length: MAX_SLOTS }, (_, number) => number).filter((number) => !used.has(number));
  return [...[...used].sort((a, b) => a - b), ...free];
}

/** Holds a lock until the returned function is called or the tab ends; `null` if another tab holds it. */
function lock(name: string): Promise<(() => void) | null> {
  // Locks need a secure context. Without them, every tab has the first slot.
  if (!("locks" in navigator)) return Promise.resolve(() => undefined);
  return new Promise((done) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (held) => {
        if (held === null) return done(null);
        return new Promise<void>((release) => done(release));
      })
      .catch(() => done(null));
  });
}

const EmptyOutbox = v.object({ entries: v.pipe(v.array(v.unknown()), v.maxLength(0)) });

/** Removes the empty outboxes that older versions left in storage, one for each visited room. */
export function removeEmptyOutboxes(): void {
  for (const name of itemNames("outbox:")) {
    if (readJson(name, EmptyOutbox) !== undefined) writeItem(name, null);
  }
}

function slotOf(room: string, number: number, release: () => void): TabSlot {
  const draft = `draft:${room}:${number}`;
  const item = (kind: string): OutboxStorage => ({
    load: () => readItem(`${kind}${room}:${number}`),
    save: (value) => writeItem(`${kind}${room}:${number}`, value),
  });
  return {
    outbox: item("outbox:"),
    files: item(FILES),
    draft: {
      load: () => readJson(draft, Draft) ?? { text: "" },
      save: (value) =>
        writeItem(draft, value.text === "" && value.edit === undefined ? null : JSON.stringify(value)),
    },
    release,
  };
}
