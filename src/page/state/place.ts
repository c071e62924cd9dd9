/**
 * A tab's place in a room: where its unsent messages and its draft are kept. Two tabs in one room have two
 * places; a place that a closed tab left something in is taken by the next one, so nothing typed is lost.
 */
import type { OutboxStorage } from "../../client/index.ts";
import { itemNames, readItem, writeItem } from "./storage.ts";

export interface Place {
  readonly outbox: OutboxStorage;
  readonly draft: { load(): string; save(text: string): void };
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
      load: () => readItem(draft) ?? "",
      save: (text) => writeItem(draft, text === "" ? null : text),
    },
    leave,
  };
}
