/** Changes applied: how an edit, a deletion or a reaction makes a message stand, at both ends alike. */
import type { Change, Message } from "./events.ts";

/** `message` as it stands after `change`, which is about it; the same object where nothing changes. */
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

function withReaction(message: Message, emoji: string, user: string, on: boolean): Message {
  const { reactions = {}, ...rest } = message;
  const users = reactions[emoji] ?? [];
  if (users.includes(user) === on) return message;
  const { [emoji]: _, ...others } = reactions;
  const left = users.filter((other) => other !== user);
  // An emoji keeps its place for as long as somebody reacts with it.
  const next = on
    ? { ...reactions, [emoji]: [...users, user] }
    : left.length > 0
      ? { ...reactions, [emoji]: left }
      : others;
  return Object.keys(next).length > 0 ? { ...rest, reactions: next } : rest;
}
