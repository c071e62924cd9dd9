/**
 * A tab's place in a room: where its unsent messages and its draft are kept. Two tabs in one room have two
 * places; a place that a closed tab left something in is taken by the next one, so nothing typed is lost.
 */
import * as v from "valibot";
import type { OutboxStorage } from "../../client/index.ts";
import { itemNames, readItem, readJson, writeItem } from "./storage.ts";

const Draft = v.object({
  /** New message. */
  text: v.string(),
  /** Seq of the message that it answers. */
  reply: v.optional(v.number()),
  /** Change of an own message that is being made: its text so far, and as it was `before`. */
  edit: v.optional(v.object({ seq: v.number(), before: v.string(), text: v.string() })),
});

/** Draft is what is written and not sent. */
export type Draft = v.InferOutput<typeof Draft>;

export interface Place {
  readonly outbox: OutboxStorage;
  readonly draft: { load(): Draft; save(draft: Draft): void };
  /** Lets another tab have the place. */
  leave(): void;
}

/** Tabs in one room beyond this number share the last place. */
const MAX_PLACES = 20;

/** Takes a place in `room`: first those that something was left in. */
export async function takePlace(room: string): Promise<Place> {
  for (const number of inOrder(room)) {
    const leave = await lock(`edge-chat:place:${room}:${number}`);
    if (leave !== null) return placeOf(room, number, leave);
  }
  return placeOf(room, MAX_PLACES, () => undefined);
}

function inOrder(room: string): number[] {
  const left = new Set<number>();
  for (const kind of ["outbox", "draft"]) {
    const start = `${kind}:${room}:`;
    for (const name of itemNames(start)) {
      const number = Number(name.slice(start.length));
      if (Number.isInteger(number) && number >= 0 && number < MAX_PLACES) left.add(number);
    }
  }
  const free = Array.from({ length: MAX_PLACES }, (_, number) => number).filter(
    (number) => !left.has(number),
  );
  return [...[...left].sort((a, b) => a - b), ...free];
}

/** Holds a lock until the returned function is called or the tab ends; `null` where another tab has it. */
function lock(name: string): Promise<(() => void) | null> {
  // Without a secure context there are no locks: every tab then has the first place.
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

function placeOf(room: string, number: number, leave: () => void): Place {
  const outbox = `outbox:${room}:${number}`;
  const draft = `draft:${room}:${number}`;
  return {
    outbox: {
      load: () => readItem(outbox),
      // An empty list is nothing left behind.
      save: (value) => writeItem(outbox, value === "[]" ? null : value),
    },
    draft: {
      load: () => readJson(draft, Draft) ?? { text: "" },
      save: (value) =>
        writeItem(draft, value.text === "" && value.edit === undefined ? null : JSON.stringify(value)),
    },
    leave,
  };
}
