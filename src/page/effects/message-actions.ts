/** Actions on a message, shared by the toolbar, the menu and the keys. */
import type { TimelineMessage } from "../../client/index.ts";
import { ownText } from "../../protocol/files.ts";
import { t } from "../i18n/index.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { roomAddress } from "../state/room-names.ts";
import { type Anchor, anchorAt, dialog } from "../state/ui.ts";
import { copyText } from "./clipboard.ts";

export type MessageAction =
  | "reply"
  | "react"
  | "edit"
  | "delete"
  | "remove"
  | "pin"
  | "unpin"
  | "copy-text"
  | "copy-link"
  | "person";

/** All actions, in the order of the menu. */
const ACTIONS: readonly MessageAction[] = [
  ...(["reply", "react", "edit", "pin", "unpin", "copy-text", "copy-link", "person"] as const),
  ...(["delete", "remove"] as const),
];

/** Returns the actions that `message` allows. */
export function actionsFor(room: OpenRoom, message: TimelineMessage): readonly MessageAction[] {
  if (message.deleted === true) return [];
  const { membership } = room;
  const { readOnly, pinned } = membership.settings.value;
  const isOwn = room.you.peek() === message.user;
  const isStaff = membership.isStaff.value;
  const isMuted = membership.isMuted.value;
  const canWrite = !isMuted && (isStaff || !readOnly);
  const allowed: Readonly<Record<MessageAction, boolean>> = {
    reply: canWrite,
    react: !isMuted,
    edit: isOwn && canWrite,
    pin: isStaff && pinned !== message.seq,
    unpin: isStaff && pinned === message.seq,
    "copy-text": true,
    "copy-link": true,
    person: true,
    delete: isOwn,
    remove: isStaff && !isOwn,
  };
  return ACTIONS.filter((action) => allowed[action]);
}

/** Returns what the author wrote; if that is nothing, the addresses of the files. */
export function textToCopy(message: TimelineMessage): string {
  return ownText(message) || message.text;
}

/** Performs `action`; a picker opens at `from`. Returns whether the message allows the action. */
export function actOn(
  room: OpenRoom,
  message: TimelineMessage,
  action: MessageAction,
  from: Element | Anchor,
): boolean {
  if (!actionsFor(room, message).includes(action)) return false;
  const anchor = from instanceof Element ? anchorAt(from) : from;
  switch (action) {
    case "reply":
      room.composer.answer(message);
      break;
    case "react":
      dialog.value = { type: "emoji", anchor, pick: (emoji) => room.react(message.seq, emoji, true) };
      break;
    case "person": {
      const { user, name } = message;
      dialog.value = { type: "person", user, name, anchor };
      break;
    }
    case "edit":
      room.composer.edit(message);
      break;
    case "delete":
    case "remove":
      room.deletions.add(message.seq);
      break;
    case "pin":
    case "unpin":
      room.pin(message.seq, action === "pin");
      break;
    case "copy-text":
      void copyText(textToCopy(message), t.peek().copied);
      break;
    case "copy-link":
      void copyText(roomAddress(room.name, message.seq), t.peek().linkCopied);
      break;
  }
  return true;
}
