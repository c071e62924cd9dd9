/**
 * Events of the log. Each kind of event is declared here and nowhere else: its command, its event, how it
 * changes a message and what plain mode shows of it.
 *
 * An event has the fields of its command under the same names, except the command's `id` and `type`.
 */
import * as v from "valibot";
import { Emoji, EVENT_BASE, Id, On, Seq, Text } from "./fields.ts";
import { FileInfo, fileAddresses, ownText, type SentFile, SentFiles } from "./files.ts";
import { type Notice, noticeCommands, notices } from "./notices.ts";

/** Reactions of a message: user ids by emoji, in the order of the reactions. */
const Reactions = v.record(v.string(), v.pipe(v.array(v.string()), v.readonly()));

const Send = v.object({
  type: v.literal("send"),
  id: Id,
  text: Text,
  reply: v.exactOptional(Seq),
  files: v.exactOptional(SentFiles),
});
export const Message = v.object({
  type: v.literal("message"),
  ...EVENT_BASE,
  /** Ends with the addresses of the files: see `ownText`. */
  text: v.string(),
  /** Seq of the message that this message answers. */
  reply: v.exactOptional(v.number()),
  /** Time of the last edit, Unix ms. */
  edited: v.exactOptional(v.number()),
  deleted: v.exactOptional(v.literal(true)),
  /** A moderator deleted it. */
  moderated: v.exactOptional(v.literal(true)),
  reactions: v.exactOptional(Reactions),
  files: v.exactOptional(v.array(FileInfo)),
});

/** Message is a message, live as it was sent, in `welcome` and `history` with all changes applied. */
export type Message = v.InferOutput<typeof Message>;

const EditCommand = v.object({ type: v.literal("edit"), id: Id, target: Seq, text: Text });
const Edit = v.object({
  type: v.literal("edit"),
  ...EVENT_BASE,
  target: v.number(),
  text: v.string(),
  /** Number of addresses at the end of `text`. */
  files: v.exactOptional(v.number()),
});

const DeleteCommand = v.object({ type: v.literal("delete"), id: Id, target: Seq });
const Delete = v.object({ type: v.literal("delete"), ...EVENT_BASE, target: v.number() });

const ReactCommand = v.object({ type: v.literal("react"), id: Id, target: Seq, emoji: Emoji, on: On });
const React = v.object({
  type: v.literal("react"),
  ...EVENT_BASE,
  target: v.number(),
  emoji: v.string(),
  on: v.boolean(),
});

/** LogCommand is a command that becomes an event of the log. */
export const LogCommand = v.variant("type", [
  Send,
  EditCommand,
  DeleteCommand,
  ReactCommand,
  ...noticeCommands,
]);
export type LogCommand = v.InferOutput<typeof LogCommand>;

const changes = [Edit, Delete, React] as const;

/** Change is an event that changes an earlier message, its `target`. */
export type Change = v.InferOutput<(typeof changes)[number]>;

/** RoomEvent is one entry of the room's log. */
export const RoomEvent = v.variant("type", [Message, ...changes, ...notices]);
export type RoomEvent = v.InferOutput<typeof RoomEvent>;

/** TimelineEvent is an event that a timeline shows by itself: it is part of `welcome` and of history. */
export type TimelineEvent = Message | Notice;

type Base = Exclude<keyof Message, "type" | "text" | "reply" | "files"> | "memberName";
type Body<E extends RoomEvent> = E extends Message
  ? Omit<E, Base | "files"> & { files?: readonly SentFile[] }
  : E extends { type: "edit" }
    ? Omit<E, Base | "files">
    : Omit<E, Base>;
/** EventBody is what a command asks for: its event without what the room adds. The text is the author's own. */
export type EventBody = RoomEvent extends infer E ? (E extends RoomEvent ? Body<E> : never) : never;

/** Returns the body of the event that `command` asks for: without secrets, which no event contains. */
export function eventBody(command: LogCommand): EventBody {
  const { id: _, ...body } = command;
  switch (body.type) {
    case "send":
      return { ...body, type: "message" };
    case "settings": {
      const { newPassword: _, ...settings } = body;
      return settings;
    }
    case "owner":
      return { type: "owner" };
    default:
      return body;
  }
}

/** Returns the body that `event` was made from, or `null` if a later change overwrote it. */
export function originalBody(event: RoomEvent): EventBody | null {
  const { seq: _1, at: _2, user: _3, name: _4, id: _5, ...rest } = event;
  if (rest.type === "message") {
    const { edited, deleted, moderated: _, reactions: _6, files, ...original } = rest;
    if (edited !== undefined || deleted !== undefined) return null;
    return files === undefined ? original : { ...original, text: ownText(rest), files: files.map(sentFile) };
  }
  if (rest.type === "edit") {
    const { type, target, text } = rest;
    return text === "" ? null : { type, target, text: ownText(rest) };
  }
  if (!("memberName" in rest)) return rest;
  const { memberName: _7, ...body } = rest;
  return body;
}

/** Whether an event, or the event of a command, changes an earlier message. */
export function isChange<E extends { readonly type: string }>(
  event: E,
): event is Extract<E, Pick<Change, "type">> {
  return CHANGE_TYPES.has(event.type);
}
const CHANGE_TYPES: ReadonlySet<string> = new Set(changes.map(({ entries }) => entries.type.literal));

/** Whether a timeline shows `event` by itself. */
export function isTimelineEvent(event: RoomEvent): event is TimelineEvent {
  return !CHANGE_TYPES.has(event.type);
}

/** Returns `message` after `change`, or the same object if the change has no effect. */
export function applyChange(message: Message, change: Change): Message {
  if (message.deleted) return message;
  switch (change.type) {
    case "edit":
      return { ...message, text: change.text, edited: change.at };
    case "delete": {
      const { reactions: _1, files: _2, ...rest } = message;
      const moderated = change.user === message.user ? {} : { moderated: true as const };
      return { ...rest, text: "", deleted: true, ...moderated };
    }
    case "react":
      return withReaction(message, change.emoji, change.user, change.on);
  }
}

/** Returns an event about a message that was deleted later: without any of the message's text. */
export function erased<E extends RoomEvent>(event: E): E {
  return "text" in event ? { ...event, text: "" } : event;
}

/** Returns the texts that plain mode shows for `event`, each as a line: a message's own text, and its addresses. */
export function plainTexts(event: RoomEvent): readonly string[] {
  if (event.type !== "message") return [];
  const own = ownText(event);
  return own === "" ? fileAddresses(event) : [own, ...fileAddresses(event)];
}

/** Returns the event as other users see it, without the id of its command. */
export function withoutId<E extends RoomEvent>(event: E): E {
  if (event.id === undefined) return event;
  const shown = { ...event };
  delete shown.id;
  return shown;
}

/** Returns what the command told of a file. */
function sentFile({ id, alt, blur }: FileInfo): SentFile {
  return { id, ...(alt !== undefined && { alt }), ...(blur !== undefined && { blur }) };
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
