/**
 * Events of the log. Each kind of event is declared here and nowhere else: its command, its event, how it
 * changes a message and what plain mode shows of it.
 *
 * An event has the fields of its command under the same names, except the command's `id` and `type`.
 */
import * as v from "valibot";
import { Emoji, Id, On, Seq, Text } from "./fields.ts";

/** Fields of every event. */
const base = {
  seq: v.number(),
  /** Unix ms, by the server's clock. */
  at: v.number(),
  user: v.string(),
  name: v.string(),
  /** Id of the command. Only the author receives it, and only in `welcome`. */
  id: v.exactOptional(v.string()),
};

/** Reactions of a message: user ids by emoji, in the order of the reactions. */
const Reactions = v.record(v.string(), v.pipe(v.array(v.string()), v.readonly()));

const Send = v.object({ type: v.literal("send"), id: Id, text: Text, reply: v.exactOptional(Seq) });
export const Message = v.object({
  type: v.literal("message"),
  ...base,
  text: v.string(),
  /** Seq of the message that this message answers. */
  reply: v.exactOptional(v.number()),
  /** Time of the last edit, Unix ms. */
  edited: v.exactOptional(v.number()),
  deleted: v.exactOptional(v.literal(true)),
  reactions: v.exactOptional(Reactions),
});

/** Message is a message, live as it was sent, in `welcome` and `history` with all changes applied. */
export type Message = v.InferOutput<typeof Message>;

const EditCommand = v.object({ type: v.literal("edit"), id: Id, target: Seq, text: Text });
const Edit = v.object({ type: v.literal("edit"), ...base, target: v.number(), text: v.string() });

const DeleteCommand = v.object({ type: v.literal("delete"), id: Id, target: Seq });
const Delete = v.object({ type: v.literal("delete"), ...base, target: v.number() });

const ReactCommand = v.object({ type: v.literal("react"), id: Id, target: Seq, emoji: Emoji, on: On });
const React = v.object({
  type: v.literal("react"),
  ...base,
  target: v.number(),
  emoji: v.string(),
  on: v.boolean(),
});

/** LogCommand is a command that becomes an event of the log. */
export const LogCommand = v.variant("type", [Send, EditCommand, DeleteCommand, ReactCommand]);
export type LogCommand = v.InferOutput<typeof LogCommand>;

const changes = [Edit, Delete, React] as const;

/** Change is an event that changes an earlier message, its `target`. */
export type Change = v.InferOutput<(typeof changes)[number]>;

/** RoomEvent is one entry of the room's log. */
export const RoomEvent = v.variant("type", [Message, ...changes]);
export type RoomEvent = v.InferOutput<typeof RoomEvent>;

type Base = Exclude<keyof Message, "type" | "text" | "reply">;
/** EventBody is what a command asks for: its event without the fields that the room adds. */
export type EventBody = RoomEvent extends infer E ? (E extends RoomEvent ? Omit<E, Base> : never) : never;

/** Returns the body of the event that `command` asks for. */
export function eventBody(command: LogCommand): EventBody {
  const { id: _, ...body } = command;
  return body.type === "send" ? { ...body, type: "message" } : body;
}

/** Returns the body that `event` was made from, or `null` if a later change overwrote it. */
export function originalBody(event: RoomEvent): EventBody | null {
  const { seq: _1, at: _2, user: _3, name: _4, id: _5, ...body } = event;
  if (body.type !== "message") return body.type === "edit" && body.text === "" ? null : body;
  const { edited, deleted, reactions: _6, ...original } = body;
  return edited === undefined && deleted === undefined ? original : null;
}

/** Returns `message` after `change`, or the same object if the change has no effect. */
export function applyChange(message: Message, change: Change): Message {
  if (message.deleted) return message;
  switch (change.type) {
    case "edit":
      return { ...message, text: change.text, edited: change.at };
    case "delete": {
      const { reactions: _, ...rest } = message;
      return { ...rest, text: "", deleted: true };
    }
    case "react":
      return withReaction(message, change.emoji, change.user, change.on);
  }
}

/** Returns an event about a message that was deleted later: without any of the message's text. */
export function erased<E extends RoomEvent>(event: E): E {
  return "text" in event ? { ...event, text: "" } : event;
}

/** Returns the text that plain mode shows for `event`, or `null` if it shows nothing. */
export function plainText(event: RoomEvent): string | null {
  return event.type === "message" ? event.text : null;
}

/** Returns the event as other users see it, without the id of its command. */
export function withoutId<E extends RoomEvent>(event: E): E {
  if (event.id === undefined) return event;
  const shown = { ...event };
  delete shown.id;
  return shown;
}

function withReaction(message: Message, emoji: string, user: string, on: boolean): Message {
  const { reactions = {}, ...rest } = message;
  const users = reactions[emoji] ?? [];
  if (users.includes(user) === on) return message;
  const { [emoji]: _, ...others } = reactions;
  const left = users.filter((other) => other !== user);
  // An emoji keeps its position while at least one reaction with it remains.
  const next = on
    ? { ...reactions, [emoji]: [...users, user] }
    : left.length > 0
      ? { ...reactions, [emoji]: left }
      : others;
  return Object.keys(next).length > 0 ? { ...rest, reactions: next } : rest;
}
