/** State: what the client shows of a room, and the events that it emits. */

import type { CommandError } from "../protocol/errors.ts";
import type { LogCommand, RoomEvent } from "../protocol/events.ts";
import type { Role } from "../protocol/notices.ts";
import type { RestrictedPerson, Restriction, RoomState, RoomTeaser } from "../protocol/room-state.ts";
import type { ErrorLine, Member, WelcomeLine } from "../protocol/server-lines.ts";
import type { ChatError } from "./chat-error.ts";
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

/** Standing is the state of the room and the role of the client's user in it. */
export interface Standing {
  readonly roomState: RoomState;
  readonly role: Role;
  /** The user is muted; without `until` (Unix ms, server's clock) until it is lifted. */
  readonly muted: Restriction | null;
  /** For moderators and owners: people who are muted or banned. */
  readonly restricted: readonly RestrictedPerson[];
  /** For moderators and owners: people who wait to be let in. */
  readonly waiting: readonly Member[];
}

/** Outside is what the client knows while its user is not in the room. */
export interface Outside {
  readonly you: Member;
  readonly teaser: RoomTeaser;
  /** The user waits to be let in. Otherwise `error` says why the user may not enter. */
  readonly waits: boolean;
  readonly error: CommandError | null;
}

/** LogPosition is a place in the room's log: after the event `seq` of the log `epoch`. */
export interface LogPosition {
  readonly epoch: string;
  readonly seq: number;
}

/**
 * LogGap stands for events that are not delivered: those of the log `epoch` with a seq between `after`
 * and `before`, both exclusive. `after: 0` with a new epoch means that the log was started anew.
 */
export interface LogGap extends Pick<LogPosition, "epoch"> {
  readonly type: "gap";
  readonly after: number;
  readonly before: number;
}

/** FailedCommand is a command that the room rejected, or that could not be confirmed. */
export interface FailedCommand {
  readonly command: LogCommand;
  readonly error: ChatError;
}

/** ConnectError is an attempt to connect that failed before its `welcome`. */
export interface ConnectError {
  /** Attempts that failed in a row, this one included. */
  readonly attempts: number;
  /** Close code of the socket; 1006 if the platform gives none. */
  readonly code: number;
  /** A sentence that says why, as far as the client can find out. */
  readonly message: string;
  readonly willReconnect: boolean;
}

/** ChatState is an immutable snapshot. A part that did not change is the same object in the next snapshot. */
export interface ChatState extends Status, Partial<JoinedRoom>, Standing {
  /** Why the user is not in the room, or no longer; `null` in the room and before the room answered. */
  readonly outside: Outside | null;

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
  /** Events that `event` does not emit: a resume was not possible, or the log was started anew. */
  gap: LogGap;
  welcome: WelcomeLine;
  /** A person came online; emitted while the room lists its members. */
  join: Member;
  /** A person went offline; emitted while the room lists its members. */
  leave: Member;
  /** A person has another name than `before`; emitted while the room lists its members. */
  rename: Member & { readonly before: string };
  /** A command failed: its promise rejects with the same error. */
  commandFailed: FailedCommand;
  /** An attempt to connect failed. */
  connectError: ConnectError;
  /** An error from the room that belongs to no command. */
  error: ErrorLine;
  /** A socket closed. */
  close: Closing;
}

/** Names of the events, to find a misspelled one at run time. */
const EVENT_NAMES: Readonly<Record<keyof ChatEvents, true>> = {
  ...{ state: true, event: true, gap: true, welcome: true, error: true, close: true },
  ...{ join: true, leave: true, rename: true, commandFailed: true, connectError: true },
};

/** Throws a TypeError if `type` is not the name of an event. */
export function checkEventName(type: string): void {
  if (Object.hasOwn(EVENT_NAMES, type)) return;
  throw new TypeError(`there is no event "${type}"; the events are ${Object.keys(EVENT_NAMES).join(", ")}`);
}

/** Whether two snapshots have the same parts. */
export function isSameState(a: ChatState, b: ChatState): boolean {
  const before = Object.entries(a);
  const now = new Map<string, unknown>(Object.entries(b));
  return before.length === now.size && before.every(([key, value]) => now.get(key) === value);
}
