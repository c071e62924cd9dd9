/** Lines from the server: events of the log, and everything that is not part of the log. */
import * as v from "valibot";
import { ERROR_STATUS, type ErrorCode } from "./errors.ts";
import { Message, RoomEvent } from "./events.ts";

const Member = v.object({ user: v.string(), name: v.string() });

/** Member is one user in a room, with one or more connections. */
export type Member = v.InferOutput<typeof Member>;

const Limits = v.object({ text: v.number(), name: v.number(), frame: v.number() });

const WelcomeLine = v.object({
  type: v.literal("welcome"),
  room: v.string(),
  you: Member,
  epoch: v.string(),
  /** Head of the log: every event not in `events` has a later seq. */
  seq: v.number(),
  /** `events` are exactly those after the resume's seq. */
  resumed: v.boolean(),
  events: v.array(RoomEvent),
  /** Older messages exist before `events`. */
  more: v.boolean(),
  /** Users, not connections. */
  online: v.number(),
  /** `null` if too many users are online to list. */
  members: v.nullable(v.array(Member)),
  limits: Limits,
  /** The server's clock, Unix ms. */
  now: v.number(),
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
  events: v.array(Message),
  more: v.boolean(),
});

export type HistoryLine = v.InferOutput<typeof HistoryLine>;

const PongLine = v.object({ type: v.literal("pong") });

const control = [OkLine, WelcomeLine, ErrorLine, PresenceLine, TypingLine, HistoryLine, PongLine] as const;
const ServerLine = v.variant("type", [...RoomEvent.options, ...control]);

/** ServerLine is any line that a server sends. */
export type ServerLine = v.InferOutput<typeof ServerLine>;

/**
 * Parses one line from a server.
 *
 * @returns `null` for a line that the client ignores: a newer server may send other types
 */
export function parseServerLine(line: string): ServerLine | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = v.safeParse(ServerLine, json, { abortEarly: true });
  return parsed.success ? parsed.output : null;
}
