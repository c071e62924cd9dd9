/** Removes copies of messages that their rooms have dropped meanwhile: of all visited rooms, every hour. */
import { CACHE_PREFIX, itemNames } from "../storage/browser-storage.ts";
import { cachedMessages } from "../storage/message-cache.ts";
import { dropOldMessages } from "../storage/visits.ts";

const INTERVAL_MS = 3_600_000;

/** Call once. */
export function startOldMessages(): void {
  const drop = (): void => {
    // Reading a copy removes what is too old.
    for (const name of itemNames(CACHE_PREFIX)) cachedMessages(name.slice(CACHE_PREFIX.length));
    dropOldMessages();
  };
  drop();
  setInterval(drop, INTERVAL_MS);
}
