/** People whose messages are hidden in this browser. */
import { signal } from "@preact/signals";
import type { TimelineMessage } from "../../client/index.ts";
import { changeSettings, settings } from "../storage/settings.ts";

/** Seqs of messages by hidden people that the user wants to see, with the room's name. */
const revealed = signal<ReadonlySet<string>>(new Set());

export function isHidden(user: string): boolean {
  return settings.value.hidden.includes(user);
}

/** Hides the messages of `user`, or shows them again. */
export function hidePerson(user: string, hide: boolean): void {
  const others = settings.peek().hidden.filter((other) => other !== user);
  changeSettings({ hidden: hide ? [...others, user] : others });
  if (hide) revealed.value = new Set();
}

/** Returns whether only a note is shown in place of the text of `message`. */
export function isConcealed(room: string, { user, seq }: Pick<TimelineMessage, "user" | "seq">): boolean {
  return isHidden(user) && !revealed.value.has(`${room}#${seq}`);
}

/** Shows one message of a hidden person. */
export function reveal(room: string, seq: number): void {
  revealed.value = new Set(revealed.peek()).add(`${room}#${seq}`);
}
