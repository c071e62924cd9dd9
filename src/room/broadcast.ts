/** Broadcast: what everyone is due of a flush. */
import { plainLine, type RoomEvent, type ServerLine } from "../protocol/index.ts";
import { eventLine } from "./tail.ts";

/** The lines of one flush that are shared, serialised once for all. */
export interface Shared {
  /** For `chat.v1`: events, presence, typing. */
  readonly v1: string;
  /** For plain mode: the messages alone. */
  readonly plain: string;
}

/** Said is an event and whether a plain sender said it: it is then shown without a name. */
export interface Said {
  readonly event: RoomEvent;
  readonly plain: boolean;
}

export function sharedLines(said: readonly Said[], aside: readonly (ServerLine | null)[]): Shared {
  const v1 = said.map(({ event }) => eventLine(event));
  for (const line of aside) if (line !== null) v1.push(JSON.stringify(line));
  const plain: string[] = [];
  for (const { event, plain: bare } of said) {
    if (event.type === "message") plain.push(plainLine(bare ? event.text : `${event.name}: ${event.text}`));
  }
  return { v1: v1.join("\n"), plain: plain.join("\n") };
}
