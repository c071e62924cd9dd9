/** Lines from the server: the events of a room's log, and what is said beside them. */
import * as v from "valibot";
import { ERROR_STATUS, type ErrorCode } from "./errors.ts";

const Member = v.object({ user: v.string(), name: v.string() });

/** Member is one person in a room, on however many sockets. */
export type Member = v.InferOutput<typeof Member>;

const stamp = {
  seq: v.number(),
  /** Unix ms, by the server's clock. */
  at: v.number(),
  user: v.string(),
  name: v.string(),
  /** The command's id: only in `welcome`, and only for its own author. */
  id: v.exactOptional(v.string()),
};

/** Schema of a message's reactions: user ids by emoji. */
export const Reactions = v.record(v.string(), v.pipe(v.array(v.string()), v.readonly()));

const Message = v.object({
  type: v.literal("message"),
  ...stamp,
  text: v.string(),
  /** Seq of the message that this one answers. */
  reply: v.exactOptional(v.number()),
  /** When it was last edited, Unix ms. */
  edited: v.exactOptional(v.number()),
  deleted: v.exactOptional(v.literal(true)),
  /** Who reacted with what, in the order in which they did. */
  reactions: v.exactOptional(Reactions),
});

/** Message is something said; in `welcome` and `history` as it now stands. */
export type Message = v.InferOutput<typeof Message>;

const Edit = v.object({ type: v.literal("edit"), ...stamp, target: v.number(), text: v.string() });
const Deletion = v.object({ type: v.literal("delete"), ...stamp, target: v.number() });
const Reaction = v.object({
  type: v.literal("react"),
  ...stamp,
  target: v.number(),
  emoji: v.string(),
  on: v.boolean(),
});

const Change = v.variant("type", [Edit, Deletion, Reaction]);

/** Change is an event that alters an earlier message. */
export type Change = v.InferOutput<typeof Change>;

const RoomEvent = v.variant("type", [Message, Edit, Deletion, Reaction]);

/** RoomEvent is one entry of the room's log. */
export type RoomEvent = v.InferOutput<typeof RoomEvent>;

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
  /** People, not sockets. */
  online: v.number(),
  /** `null` where too many are online to list. */
  members: v.nullable(v.array(Member)),
  limits: Limits,
  /** The server's clock, Unix ms. */
  now: v.number(),
});

export type WelcomeLine = v.InferOutput<typeof WelcomeLine>;

const Ok = v.object({ type: v.literal("ok"), id: v.string(), seq: v.exactOptional(v.number()) });

const codes = Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]];

const ErrorLine = v.object({
  type: v.literal("error"),
  id: v.exactOptional(v.string()),
  /** A code that this client does not know yet reads as `internal`. */
  code: v.fallback(v.picklist(codes), "internal"),
  message: v.string(),
  /** Milliseconds. */
  retryAfter: v.exactOptional(v.number()),
});

export type ErrorLine = v.InferOutput<typeof ErrorLine>;

const PresenceLine = v.object({
  type: v.literal("presence"),
  online: v.number(),
  /** Who came, or has a new name. */
  join: v.exactOptional(v.array(Member)),
  leave: v.exactOptional(v.array(v.string())),
});

export type PresenceLine = v.InferOutput<typeof PresenceLine>;

const Typing = v.object({ type: v.literal("typing"), users: v.array(v.string()) });

const HistoryLine = v.object({
  type: v.literal("history"),
  id: v.string(),
  events: v.array(Message),
  more: v.boolean(),
});

export type HistoryLine = v.InferOutput<typeof HistoryLine>;

const Pong = v.object({ type: v.literal("pong") });

const ServerLine = v.variant("type", [
  Message,
  Edit,
  Deletion,
  Reaction,
  Ok,
  WelcomeLine,
  ErrorLine,
  PresenceLine,
  Typing,
  HistoryLine,
  Pong,
]);

/** ServerLine is any line that a server sends. */
export type ServerLine = v.InferOutput<typeof ServerLine>;

/**
 * Parses one line from a server.
 *
 * @returns `null` for a line this client does not know, which it leaves unread: a newer server may say more
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
