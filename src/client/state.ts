/** State: what the client shows of a room, and what it tells of. */
import type { RoomEvent } from "../protocol/events.ts";
import { MAX_FRAME_BYTES, MAX_NAME_GRAPHEMES, MAX_TEXT_BYTES } from "../protocol/limits.ts";
import type { ErrorLine, Member, WelcomeLine } from "../protocol/server-lines.ts";
import type { Closing, Status } from "./connection.ts";
import type { OutboxEntry } from "./outbox-entry.ts";
import type { Timeline } from "./timeline.ts";

/** ChatState is an immutable snapshot; whatever did not change is the same object in the next one. */
export interface ChatState extends Status {
  /** Oneself, from the first `welcome` on. */
  readonly you?: Member;
  readonly room?: string;
  readonly epoch?: string;
  /** People online. */
  readonly online: number;
  /** In no order: that of names depends on the reader's language. `null` where they are too many to list. */
  readonly members: readonly Member[] | null;
  /** User ids of those who type, without oneself. */
  readonly typing: readonly string[];
  readonly timeline: Timeline;
  /** In the order in which they go out. */
  readonly outbox: readonly OutboxEntry[];
  /** Bytes of a text, grapheme clusters of a name, bytes of a frame. */
  readonly limits: { readonly text: number; readonly name: number; readonly frame: number };
  /** The server's clock minus the local one, ms. */
  readonly clockOffset: number;
}

/** ChatEvents is what `on` listens to, by name. */
export interface ChatEvents {
  /** After every change, at most once for a frame or a call. */
  state: ChatState;
  /**
   * Every event of the log, once and in order: live, or missed and told on resuming. What a
   * `welcome` that did not resume shows is history and not told here.
   */
  event: RoomEvent;
  welcome: WelcomeLine;
  /** An error that belongs to no command. */
  error: ErrorLine;
  close: Closing;
}

/** Limits before the server has told its own. */
export const DEFAULT_LIMITS = { text: MAX_TEXT_BYTES, name: MAX_NAME_GRAPHEMES, frame: MAX_FRAME_BYTES };

/** Whether two snapshots say the same. */
export function isSameState(a: ChatState, b: ChatState): boolean {
  const before = Object.entries(a);
  const now = new Map<string, unknown>(Object.entries(b));
  return before.length === now.size && before.every(([key, value]) => now.get(key) === value);
}
