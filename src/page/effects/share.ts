/** Shares the link of a room. */
import { t } from "../i18n/index.ts";
import { roomAddress, roomTitle } from "../state/room-names.ts";
import { copyText } from "./clipboard.ts";

/** Returns whether the browser has a share sheet. */
export function canShare(): boolean {
  return "share" in navigator;
}

/** Opens the system's share sheet on touch devices; copies the link elsewhere, and where there is no sheet. */
export async function shareRoom(room: string): Promise<void> {
  if (matchMedia("(pointer: coarse)").matches && canShare()) await openShareSheet(room);
  else await copyRoomLink(room);
}

/** Opens the system's share sheet; copies the link if that fails. */
export async function openShareSheet(room: string): Promise<void> {
  try {
    await navigator.share({ title: roomTitle(room), url: roomAddress(room) });
  } catch (error) {
    // The user closed the sheet.
    if (error instanceof DOMException && error.name === "AbortError") return;
    await copyRoomLink(room);
  }
}

export function copyRoomLink(room: string): Promise<void> {
  return copyText(roomAddress(room), t.peek().linkCopied);
}
