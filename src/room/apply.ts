/** Apply: one command carried out against the log, as if it were alone in the world. */
import {
  accept,
  type CommandError,
  MAX_EMOJI_PER_MESSAGE,
  MAX_REACTIONS_PER_MESSAGE,
  type Message,
  type Result,
  type RoomEvent,
  reject,
} from "../protocol/index.ts";
import type { Draft, Log } from "./log.ts";
import type { Content } from "./recent-commands.ts";

/** Author is who a command comes from, under the name that they have when it is carried out. */
export interface Author {
  readonly user: string;
  readonly name: string;
}

/**
 * Appends the event that `content` asks for, or says why there is none.
 *
 * @param id - the command's; a plain sender's has none
 * @param now - Unix ms
 */
export function apply(
  log: Log,
  author: Author,
  content: Content,
  id: string | undefined,
  now: number,
): Result<RoomEvent> {
  const refusal = objection(log, author, content);
  if (refusal !== null) return { ok: false, error: refusal };
  const stamp = { at: now, user: author.user, name: author.name, ...(id !== undefined && { id }) };
  return accept(log.append(draft(content, stamp)));
}

function draft(content: Content, stamp: { at: number; user: string; name: string; id?: string }): Draft {
  switch (content.type) {
    case "send":
      return {
        type: "message",
        ...stamp,
        text: content.text,
        ...(content.reply !== undefined && { reply: content.reply }),
      };
    case "edit":
      return { type: "edit", ...stamp, target: content.target, text: content.text };
    case "delete":
      return { type: "delete", ...stamp, target: content.target };
    case "react":
      return { type: "react", ...stamp, target: content.target, emoji: content.emoji, on: content.on };
  }
}

function objection(log: Log, author: Author, content: Content): CommandError | null {
  switch (content.type) {
    case "send":
      if (content.reply === undefined || log.find(content.reply) !== null) return null;
      return refusal("not_found", "the message that this answers is not there");
    case "edit":
    case "delete": {
      const target = standing(log, content.target);
      if (!target.ok) return target.error;
      if (target.value.user === author.user) return null;
      return refusal("forbidden", `only its author may ${content.type} a message`);
    }
    case "react": {
      const target = standing(log, content.target);
      if (!target.ok) return target.error;
      return content.on ? tooManyReactions(target.value, author.user, content.emoji) : null;
    }
  }
}

/** The message of `seq`, if it is there and was not deleted. */
function standing(log: Log, seq: number): Result<Message> {
  const message = log.find(seq);
  if (message === null) return reject("not_found", "there is no such message");
  if (message.deleted) return reject("not_found", "the message was deleted");
  return accept(message);
}

function tooManyReactions(message: Message, user: string, emoji: string): CommandError | null {
  const { reactions = {} } = message;
  if (reactions[emoji]?.includes(user)) return null;
  if (reactions[emoji] === undefined && Object.keys(reactions).length >= MAX_EMOJI_PER_MESSAGE) {
    return refusal("forbidden", `a message takes ${MAX_EMOJI_PER_MESSAGE} different emoji at most`);
  }
  if (Object.values(reactions).flat().length >= MAX_REACTIONS_PER_MESSAGE) {
    return refusal("forbidden", `a message takes ${MAX_REACTIONS_PER_MESSAGE} reactions at most`);
  }
  return null;
}

function refusal(code: CommandError["code"], message: string): CommandError {
  return { code, message };
}
