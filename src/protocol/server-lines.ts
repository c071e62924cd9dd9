/** Lines from the server: events of the log, and everything that is not part of the log. */
import * as v from "valibot";
import { CAUSES, ERROR_STATUS, type ErrorCode } from "./errors.ts";
import { Message, RoomEvent } from "./events.ts";
import { Seq } from "./fields.ts";
import { RoomTeaser, STATE_FIELDS } from "./room-state.ts";

const Member = v.object({ user: v.string(), name: v.string() });

/** Member is one user in a room, with one or more connections. */
export type Member = v.InferOutput<typeof Member>;

/**
 * OpaqueEvent stands for an event of the log that this client does not understand: a newer server may log
 * other kinds. The client advances its position past `seq` and goes on.
 */
const OpaqueEvent = v.pipe(
  v.object({
    type: v.pipe(
      v.string(),
      v.check((type) => !CONTROL_TYPES.has(type)),
    ),
    seq: Seq,
  }),
  v.transform(({ seq }) => ({ type: "opaque" as const, seq })),
);
export type OpaqueEvent = v.InferOutput<typeof OpaqueEvent>;

/** LogEntry is any event of the log, of a known kind or not. */
export const LogEntry = v.variant("type", [...RoomEvent.options, OpaqueEvent]);
export type LogEntry = v.InferOutput<typeof LogEntry>;

const Limits = v.object({
  text: v.number(),
  name: v.number(),
  frame: v.number(),
  /** Absent if the service takes no files. */
  files: v.exactOptional(v.object({ bytes: v.number(), count: v.number() })),
  /** Days after which the service drops events, whatever the room's retention; absent: no limit. */
  days: v.exactOptional(v.number()),
});

const WelcomeLine = v.object({
  type: v.literal("welcome"),
  room: v.string(),
  you: Member,
  epoch: v.string(),
  /** Head of the log: every event not in `events` has a later seq. */
  seq: v.number(),
  /** `events` are exactly those after the resume's seq. */
  resumed: v.boolean(),
  events: v.array(LogEntry),
  /** Older messages exist before `events`. */
  more: v.boolean(),
  /** Users, not connections. */
  online: v.number(),
  /** `null` if too many users are online to list. */
  members: v.nullable(v.array(Member)),
  limits: Limits,
  /** The server's clock, Unix ms. */
  now: v.number(),
  ...STATE_FIELDS,
  /** Moderators and owners only: people who wait to be let in. */
  waiting: v.exactOptional(v.array(Member)),
});

export type WelcomeLine = v.InferOutput<typeof WelcomeLine>;

const OkLine = v.object({ type: v.literal("ok"), id: v.string(), seq: v.exactOptional(v.number()) });

const codes = Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]];

const ErrorLine = v.object({
  type: v.literal("error"),
  id: v.exactOptional(v.string()),
  /** A code that this client does not know reads as `internal`. */
  code: v.fallback(v.picklist(codes), "internal"),
  message: v.string(),
  /** Milliseconds. */
  retryAfter: v.exactOptional(v.number()),
  /** Why it is `forbidden`. A cause that this client does not know reads as `other`. */
  cause: v.exactOptional(v.fallback(v.picklist(CAUSES), "other")),
  /** Time when the cause ends, Unix ms. */
  until: v.exactOptional(v.number()),
  /** What the moderator wrote. */
  reason: v.exactOptional(v.string()),
});

export type ErrorLine = v.InferOutput<typeof ErrorLine>;

const PresenceLine = v.object({
  type: v.literal("presence"),
  online: v.number(),
  /** Users that joined or changed their name. */
  join: v.exactOptional(v.array(Member)),
  leave: v.exactOptional(v.array(v.string())),
});

export type PresenceLine = v.InferOutput<typeof PresenceLine>;

const TypingLine = v.object({ type: v.literal("typing"), users: v.array(v.string()) });

export type TypingLine = v.InferOutput<typeof TypingLine>;

const HistoryLine = v.object({
  type: v.literal("history"),
  id: v.string(),
  events: v.array(LogEntry),
  more: v.boolean(),
});

export type HistoryLine = v.InferOutput<typeof HistoryLine>;

const FoundLine = v.object({
  type: v.literal("found"),
  id: v.string(),
  /** Matching messages, newest first. */
  events: v.array(Message),
  /** Seq before which to go on; absent: the log was searched to its start. */
  before: v.exactOptional(v.number()),
});

export type FoundLine = v.InferOutput<typeof FoundLine>;

/** The state of the room or the role of the user changed: every field replaces the one of `welcome`. */
const StateLine = v.object({ type: v.literal("state"), ...STATE_FIELDS });

export type StateLine = v.InferOutput<typeof StateLine>;

/** The user is not let in, or not yet. If they wait, nothing else is sent until a moderator decides. */
const OutsideLine = v.object({
  type: v.literal("outside"),
  room: v.string(),
  you: Member,
  teaser: RoomTeaser,
  waits: v.boolean(),
});

export type OutsideLine = v.InferOutput<typeof OutsideLine>;

/** The people who wait to be let in, for moderators and owners: the complete list. */
const KnocksLine = v.object({ type: v.literal("knocks"), waiting: v.array(Member) });

export type KnocksLine = v.InferOutput<typeof KnocksLine>;

const PongLine = v.object({ type: v.literal("pong") });

const control = [
  ...[OkLine, WelcomeLine, ErrorLine, PresenceLine, TypingLine, HistoryLine, FoundLine],
  ...[StateLine, OutsideLine, KnocksLine, PongLine],
] as const;
const CONTROL_TYPES: ReadonlySet<unknown> = new Set(control.map(({ entries }) => entries.type.literal));
const ServerLine = v.variant("type", [...RoomEvent.options, ...control, OpaqueEvent]);

/** ServerLine is any line that a server sends. */
export type ServerLine = v.InferOutput<typeof ServerLine>;

/**
 * Parses one line from a server.
 *
 * @returns `null` for a line that the client ignores: a newer server may send other types. A line of an
 *   unknown type with a `seq` is an event of the log, and comes back as an OpaqueEvent.
 */
export function parseServerLine(line: string): ServerLine | null {
  let json: unknown;
  try {
    // A reviver makes parsing slow, so only lines that may need it get one.
    json = line.includes(":null") ? JSON.parse(line, absentIfNull) : JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = v.safeParse(ServerLine, json, { abortEarly: true });
  return parsed.success ? parsed.output : null;
}

/** Removes fields that are `null`, which means the same as an absent one, except for `members`. */
function absentIfNull(field: string, value: unknown): unknown {
  return value === null && field !== "members" ? undefined : value;
}
