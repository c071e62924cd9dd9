/** What can be done with a message, by whichever way it was asked for. */
import type { TimelineMessage } from "../../client/index.ts";
import { t } from "../i18n/index.ts";
import { copyText } from "./clipboard.ts";
import { roomAddress } from "./room-title.ts";
import type { RoomSession } from "./session.ts";
import { type Anchor, anchorAt, dialog, showToast } from "./ui.ts";

export type MessageAction = "reply" | "react" | "edit" | "delete" | "copy-text" | "copy-link";

/** Time in which a deletion can be taken back. */
const UNDO_MS = 5_000;

/** Reactions that are one press away. */
export const QUICK_REACTIONS = ["👍", "❤️", "😂", "🎉", "😮", "🙏"] as const;

/** Actions that `message` allows. */
export function actionsFor(session: RoomSession, message: TimelineMessage): readonly MessageAction[] {
  if (message.deleted === true) return [];
  const own = session.state.peek().you?.user === message.user;
  return own
    ? ["reply", "react", "edit", "delete", "copy-text", "copy-link"]
    : ["reply", "react", "copy-text", "copy-link"];
}

/** Does `action`, from the element `from`; returns whether the message allows it. */
export function actOn(
  session: RoomSession,
  message: TimelineMessage,
  action: MessageAction,
  from: Element | Anchor,
): boolean {
  if (!actionsFor(session, message).includes(action)) return false;
  switch (action) {
    case "reply":
      session.composer.answer(message);
      break;
    case "react": {
      const anchor = from instanceof Element ? anchorAt(from) : from;
      dialog.value = { type: "emoji", anchor, pick: (emoji) => react(session, message.seq, emoji, true) };
      break;
    }
    case "edit":
      session.composer.edit(message);
      break;
    case "delete":
      deleteSoon(session, message.seq);
      break;
    case "copy-text":
      void copyText(message.text, t.peek().copied);
      break;
    case "copy-link":
      void copyText(roomAddress(session.room, message.seq), t.peek().linkCopied);
      break;
  }
  return true;
}

/** Puts a reaction on a message, or takes it away. */
export function react(session: RoomSession, seq: number, emoji: string, on: boolean): void {
  session.client.react(seq, emoji, on).catch((error: unknown) => {
    if (error instanceof Error) showToast(error.message);
  });
}

const deletions = new Map<
  number,
  { readonly session: RoomSession; readonly timer: ReturnType<typeof setTimeout> }
>();

/** Hides a message at once, and deletes it when it can no longer be taken back. */
function deleteSoon(session: RoomSession, seq: number): void {
  if (session.hidden.peek().has(seq)) return;
  session.hidden.value = new Set(session.hidden.peek()).add(seq);
  deletions.set(seq, { session, timer: setTimeout(() => deleteNow(seq), UNDO_MS) });
}

/** Brings back a message that is hidden but not deleted yet. */
export function undoDelete(session: RoomSession, seq: number): void {
  clearTimeout(deletions.get(seq)?.timer);
  deletions.delete(seq);
  show(session, seq);
}

function deleteNow(seq: number): void {
  const deletion = deletions.get(seq);
  if (deletion === undefined) return;
  clearTimeout(deletion.timer);
  deletions.delete(seq);
  deletion.session.client.delete(seq).catch((error: unknown) => {
    if (error instanceof Error) showToast(error.message);
  });
  // From here on the outbox holds the deletion, and the timeline shows it as made.
  show(deletion.session, seq);
}

function show(session: RoomSession, seq: number): void {
  const hidden = new Set(session.hidden.peek());
  hidden.delete(seq);
  session.hidden.value = hidden;
}

/** Deletes now what is about to be deleted: the page, or its room, is being left. */
export function finishDeletions(): void {
  for (const seq of [...deletions.keys()]) deleteNow(seq);
}
