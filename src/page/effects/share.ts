/** Shares the link of a room. */
import { t } from "../i18n/index.ts";
import { roomAddress, roomTitle } from "../state/room-names.ts";
import { copyText } from "./clipboard.ts";

/** Opens the system's share sheet on touch devices; copies the link elsewhere, and where there is no sheet. */
export async function shareRoom(room: string): Promise<void> {
  const url = roomAddress(room);
  if (matchMedia("(pointer: coarse)").matches && "share" in navigator) {
    try {
      await navigator.share({ title: roomTitle(room), url });
      return;
    } catch (error) {
      // The user closed the sheet.
      if (error instanceof DOMException && error.name === "AbortError") return;
    }
  }
  await copyText(url, t.peek().linkCopied);
}
