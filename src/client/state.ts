/** State: what the client shows of a room, and the events that it emits. */
import type { RoomEvent } from "../protocol/events.ts";
import type { ErrorLine, Member, WelcomeLine } from "../protocol/server-lines.ts";
import type { OutboxEntry } from "./outbox-entry.ts";
import type { Closing, Status } from "./reconnecting-socket.ts";
import type { Timeline } from "./timeline.ts";

/** JoinedRoom is the room as its `welcome` describes it. */
export interface JoinedRoom {
  /** The client's own user. */
  readonly you: Member;
  readonly room: string;
  readonly epoch: string;
}

/** ChatState is an immutable snapshot. A part that did not change is the same object in the next snapshot. */
export interface ChatState extends Status, Partial<JoinedRoom> {
  /** Number of people online. */
  readonly online: number;
  /** Unordered: the order of names depends on the reader's language. `null` if there are too many to list. */
  readonly members: readonly Member[] | null;
  /** User ids of the people who are typing, without the own one. */
  readonly typing: readonly string[];
  readonly timeline: Timeline;
  /** Commands that are not settled, in the order of sending. */
  readonly outbox: readonly OutboxEntry[];
  /** Bytes of a text, grapheme clusters of a name, bytes of a frame. */
  readonly limits: Readonly<WelcomeLine["limits"]>;
  /** The server's clock minus the local one, ms. */
  readonly clockOffset: number;
}

/** ChatEvents are the events of `on`, by name. */
export interface ChatEvents {
  /** The new snapshot, after each frame or call that changed it. */
  state: ChatState;
  /**
   * Each event of the log, once and in order: live ones, and missed ones after a resume. The events
   * of a `welcome` that did not resume are history and are not emitted.
   */
  event: RoomEvent;
  welcome: WelcomeLine;
  /** An error that belongs to no command. */
  error: ErrorLine;
  /** A socket closed. */
  close: Closing;
}

/** Whether two snapshots have the same parts. */
export function isSameState(a: ChatState, b: ChatState): boolean {
  const before = Object.entries(a);
  const now = new Map<string, unknown>(Object.entries(b));
  return before.length === now.size && before.every(([key, value]) => now.get(key) === value);
}
