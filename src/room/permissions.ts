/** Permissions: whether a user may do what a command asks for. Pure, and the same for every way to send one. */
import {
  type CommandError,
  type EventBody,
  MAX_EMOJI_PER_MESSAGE,
  MAX_REACTIONS_PER_MESSAGE,
  type Message,
} from "../protocol/index.ts";

/**
 * Returns why `user` may not make the event `body`, or `null` if they may.
 *
 * @param find - returns the message with this seq with all changes applied, or `null`
 */
export function denied(
  user: string,
  body: EventBody,
  find: (seq: number) => Message | null,
): CommandError | null {
  if (body.type === "message") {
    if (body.reply === undefined || find(body.reply) !== null) return null;
    return { code: "not_found", message: "the message to reply to does not exist" };
  }
  const target = find(body.target);
  if (target === null) return { code: "not_found", message: "there is no such message" };
  if (target.deleted) return { code: "not_found", message: "the message was deleted" };
  switch (body.type) {
    case "edit":
    case "delete":
      if (target.user === user) return null;
      return { code: "forbidden", message: `only its author may ${body.type} a message` };
    case "react":
      return body.on ? tooManyReactions(target, user, body.emoji) : null;
  }
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
