/** Permissions: whether a user may make an event. Pure, and the same for `chat.v1`, plain mode and HTTP. */
import {
  type Cause,
  type CommandError,
  DEFAULT_ROOM,
  type EventBody,
  MAX_EMOJI_PER_MESSAGE,
  MAX_REACTIONS_PER_MESSAGE,
  type Message,
  type Restriction,
  type Role,
  type SentFile,
  TEXT_BLANK,
} from "../protocol/index.ts";

/** Actor is the user of a command. */
export interface Actor {
  readonly user: string;
  readonly role: Role;
  readonly mute: Restriction | null;
}

/** Place is the state of a room that permissions depend on. */
export interface Place {
  readonly room: string;
  readonly isReadOnly: boolean;
  /** Files are not switched off. */
  readonly takesFiles: boolean;
  readonly isOwned: boolean;
  readonly hasPassword: boolean;
  /** The log never had an event. */
  readonly isEmpty: boolean;
  /** The log has a message, deleted ones included. */
  readonly hasMessages: boolean;
  roleOf(user: string): Role;
  /** Whether a secret is that of the room's owner, or the deployer's. */
  isOwnerSecret(secret: string): boolean;
  /** Whether a file belongs to a message, or belonged to a message lately. */
  isFileUsed(id: string): boolean;
  /** Returns the message with this seq with all changes applied, or `null`. */
  find(seq: number): Message | null;
}

/** Request is the part of a command that its event does not contain. */
export interface Request {
  /** Secret of an owner. */
  readonly secret?: string | undefined;
  /** The author asks to create the room. */
  readonly create?: boolean;
  readonly newPassword?: unknown;
  /** The files of a message, if all of them exist and belong to the actor. */
  readonly files?: readonly unknown[] | null;
}

/** Returns why the actor may not make the event `body`, or `null` if the actor may. */
export function denied(
  actor: Actor,
  body: EventBody,
  place: Place,
  request: Request = {},
): CommandError | null {
  switch (body.type) {
    case "message":
    case "edit":
    case "delete":
    case "react":
      return messageDenied(actor, body, place, request);
    case "claim":
      return claimDenied(body, place, request);
    case "import":
      return importDenied(actor, place, request);
    default:
      return noticeDenied(actor, body, place, request);
  }
}

/** Returns why a muted user may not change the name, or `null`. */
export function renameDenied(mute: Restriction | null): CommandError | null {
  return mute && muted(mute);
}

/** Returns why a user may not upload a file, or `null`. The conditions are those of a message with a file. */
export function uploadDenied({ role, mute }: Omit<Actor, "user">, place: Place): CommandError | null {
  if (mute !== null) return muted(mute);
  if (place.isReadOnly && role === "member") return forbidden("read_only", READ_ONLY);
  return place.takesFiles ? null : forbidden("files_off", FILES_OFF);
}

type MessageBody = Extract<EventBody, { type: "message" | "edit" | "delete" | "react" }>;
type NoticeBody = Exclude<EventBody, MessageBody | { type: "claim" | "import" }>;

function messageDenied(
  { user, role, mute }: Actor,
  body: MessageBody,
  place: Place,
  { files }: Request,
): CommandError | null {
  if (mute !== null && body.type !== "delete") return muted(mute);
  if (place.isReadOnly && role === "member" && (body.type === "message" || body.type === "edit")) {
    return forbidden("read_only", READ_ONLY);
  }
  if (body.type === "message") {
    if (body.reply !== undefined && place.find(body.reply) === null)
      return { code: "not_found", message: "the message to reply to does not exist" };
    return body.files === undefined ? null : filesDenied(body.files, files, place);
  }
  const target = place.find(body.target);
  if (target === null) return { code: "not_found", message: "there is no such message" };
  if (target.deleted) return { code: "not_found", message: "the message was deleted" };
  if (body.type === "react") return body.on ? tooManyReactions(target, user, body.emoji) : null;
  if (body.type === "edit" && body.text === "" && target.files === undefined)
    return { code: "bad_request", message: TEXT_BLANK };
  if (target.user === user || (body.type === "delete" && role !== "member")) return null;
  return { code: "forbidden", message: `only its author may ${body.type} a message` };
}

function filesDenied(sent: readonly SentFile[], found: Request["files"], place: Place): CommandError | null {
  if (!place.takesFiles) return forbidden("files_off", FILES_OFF);
  if (!found) return { code: "not_found", message: "there is no such file" };
  return sent.some(({ id }) => place.isFileUsed(id))
    ? forbidden("file_used", "the file belongs to another message")
    : null;
}

function claimDenied(
  body: Extract<EventBody, { type: "claim" }>,
  place: Place,
  { secret = "", create, newPassword }: Request,
): CommandError | null {
  if (place.isOwnerSecret(secret)) return null;
  if (!create) return forbidden("owner_secret", "the owner link is not valid, or no longer");
  if (place.isOwned || !place.isEmpty) {
    return forbidden("claimed", "the room is in use already: choose another name");
  }
  if (place.room === DEFAULT_ROOM) return forbidden("claimed", "the lobby belongs to everyone");
  return passwordMissing(body.entry, newPassword !== undefined);
}

function importDenied({ role }: Actor, place: Place, { secret = "" }: Request): CommandError | null {
  if (role !== "owner" && !place.isOwnerSecret(secret))
    return forbidden("role", "only an owner may import messages");
  if (!place.hasMessages) return null;
  const message = "the room has messages already: delete them all first, or choose another room";
  return { code: "conflict", message };
}

function noticeDenied(
  { user, role }: Actor,
  body: NoticeBody,
  place: Place,
  { newPassword }: Request,
): CommandError | null {
  if (!place.isOwned) return forbidden("role", "the room has no owner, so nobody may do this");
  switch (body.type) {
    case "settings":
    case "role":
    case "owner":
    case "wipe":
      if (role !== "owner") return forbidden("role", "only an owner may do this");
      break;
    default:
      if (role === "member") return forbidden("role", "only a moderator may do this");
  }
  switch (body.type) {
    case "settings":
      return passwordMissing(body.entry, place.hasPassword || newPassword !== undefined);
    case "pin": {
      const target = place.find(body.target);
      return target === null || target.deleted
        ? { code: "not_found", message: "there is no such message" }
        : null;
    }
    case "role":
    case "mute":
    case "ban":
    case "remove":
    case "admit":
      return actDenied({ user, role }, body.member, place);
    case "owner":
    case "wipe":
      return null;
  }
}

/** Returns why the actor may not act on `member`, or `null`. */
function actDenied(actor: Pick<Actor, "user" | "role">, member: string, place: Place): CommandError | null {
  if (member === actor.user) return forbidden("role", "nobody may do this to themselves");
  const other = place.roleOf(member);
  if (other === "owner") return forbidden("role", "nobody may do this to an owner");
  if (other === "moderator" && actor.role !== "owner")
    return forbidden("role", "only an owner may do this to a moderator");
  return null;
}

function passwordMissing(entry: string | undefined, hasPassword: boolean): CommandError | null {
  if (entry !== "password" || hasPassword) return null;
  return { code: "bad_request", message: "newPassword is missing" };
}

const READ_ONLY = "only moderators may write in this room";
const FILES_OFF = "files are switched off in this room";

function muted(mute: Restriction): CommandError {
  return { ...forbidden("muted", "you are muted in this room"), ...mute };
}

export function forbidden(cause: Cause, message: string): CommandError {
  return { code: "forbidden", message, cause };
}

function tooManyReactions({ reactions = {} }: Message, user: string, emoji: string): CommandError | null {
  if (reactions[emoji]?.includes(user)) return null;
  if (reactions[emoji] === undefined && Object.keys(reactions).length >= MAX_EMOJI_PER_MESSAGE) {
    const message = `a message takes ${MAX_EMOJI_PER_MESSAGE} different emoji at most`;
    return { code: "forbidden", message };
  }
  if (Object.values(reactions).flat().length >= MAX_REACTIONS_PER_MESSAGE) {
    const message = `a message takes ${MAX_REACTIONS_PER_MESSAGE} reactions at most`;
    return { code: "forbidden", message };
  }
  return null;
}
