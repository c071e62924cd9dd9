/** Log reader: the log as its readers use it, and the pages that they read. Pure. */
import type { RoomEvent, TimelineEvent } from "../protocol/index.ts";
import type { RoomSecrets } from "./identity.ts";

/** Page is a part of the log, oldest event first. */
export interface Page<E extends RoomEvent = RoomEvent> {
  readonly events: E[];
  /** There are more events beyond the page. */
  readonly more: boolean;
}

/** HistoryPage is a page of messages and notices as clients receive it. */
export interface HistoryPage {
  /** JSON of the events, oldest first, without ids of commands. */
  readonly events: string;
  /** Older messages or notices exist. */
  readonly more: boolean;
}

/** LogReader is the log as its readers use it: it cannot be changed through this. */
export interface LogReader {
  /** Names this log; `""` if there is none and none was announced to a client. */
  readonly epoch: string;
  /** Seq of the newest event; 0 if there is none. */
  readonly head: number;
  /** Seq up to which events may be missing. Everything after it is complete. */
  readonly pruned: number;
  hasMessagesBefore(seq: number): boolean;
  /** Returns `null` if the page is not in this object. */
  before(seq: number, limit: number, maxLength?: number): Page<TimelineEvent> | null;
  /** Returns `null` if the page is not in this object. */
  after(seq: number, limit: number, maxLength?: number): Page | null;
}

/** RoomLog is the log as an audience uses it: it reads events and shares the room's secrets. */
export interface RoomLog extends LogReader {
  readonly secrets: RoomSecrets;
  /** The secrets if they are not stored yet. */
  readonly unsavedSecrets: RoomSecrets | null;
  adoptSecrets(secrets: RoomSecrets): void;
}

/** Reads rows, at least one, until `isPage` returns true or the size of the events exceeds `maxLength`. */
export function readPage<Row, E extends RoomEvent>(
  rows: Iterable<Row>,
  parse: (row: Row) => E,
  isPage: (events: readonly E[]) => boolean,
  maxLength: number,
): Page<E> {
  const events: E[] = [];
  let length = 0;
  for (const row of rows) {
    const event = parse(row);
    length += sizeOf(event);
    if (isPage(events) || (events.length > 0 && length > maxLength)) return { events, more: true };
    events.push(event);
  }
  return { events, more: false };
}

/** Approximate size of a file in a line, without its address. */
const FILE_SIZE = 250;

/** Returns the approximate size of an event as a line, in UTF-16 units. */
export function sizeOf(event: RoomEvent): number {
  const text = "text" in event ? event.text.length : 0;
  const reactions =
    event.type === "message" && event.reactions ? Object.values(event.reactions).flat().length : 0;
  const files = event.type === "message" && event.files ? FILE_SIZE * event.files.length : 0;
  return 150 + text + 15 * reactions + files;
}
