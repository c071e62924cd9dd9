/** Names and addresses of rooms, as people see them. */
import { DEFAULT_ROOM, roomPath } from "../../protocol/room-name.ts";
import { t } from "../i18n/index.ts";
import { copyText } from "./clipboard.ts";
import { randomName } from "./settings.ts";

/** A room with a name that was made by `privateRoomName`. */
const PRIVATE = /^p-[a-z2-7]{26}$/;

/** Name of a new room that nobody can guess: 128 random bits. */
export function privateRoomName(): string {
  return `p-${randomName()}`;
}

export function isPrivate(room: string): boolean {
  return PRIVATE.test(room);
}

/** What a room is called on the page. */
export function roomTitle(room: string): string {
  if (room === DEFAULT_ROOM) return t.value.lobby;
  // Some of its letters tell one private room from another.
  return isPrivate(room) ? `${t.value.privateRoom} ${room.slice(2, 6)}` : room;
}

/** Whole address of a room, or of one of its messages. */
export function roomAddress(room: string, seq?: number): string {
  return location.origin + roomPath(room) + (seq === undefined ? "" : `#${seq}`);
}

/** Opens the system's share sheet; without one, copies the link. */
export async function shareRoom(room: string): Promise<void> {
  const url = roomAddress(room);
  const touch = matchMedia("(pointer: coarse)").matches;
  if (touch && "share" in navigator) {
    try {
      await navigator.share({ title: roomTitle(room), url });
      return;
    } catch (error) {
      // The reader closed the sheet: nothing more is wanted.
      if (error instanceof DOMException && error.name === "AbortError") return;
    }
  }
  await copyText(url, t.peek().linkCopied);
}
