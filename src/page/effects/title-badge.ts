/** Shows the number of unread messages in the page's title and on its icon. */
import { effect } from "@preact/signals";
import { openRoom } from "../state/navigation.ts";
import { roomTitle } from "../state/room-names.ts";
import { settings } from "../storage/settings.ts";

const ICON = "/icons/icon.svg";

/** Keeps title and icon up to date with the open room. Call once. */
export function startTitleBadge(): void {
  effect(() => {
    const room = openRoom.value;
    if (room === null) {
      document.title = "edge-chat";
      void showOnIcon(0);
      return;
    }
    const muted = settings.value.muted.includes(room.name);
    const unread = muted ? 0 : room.unread.value;
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${roomTitle(room.name)} · edge-chat`;
    void showOnIcon(unread);
  });
}

/** The number on the icon; `null` while the page has no icon. */
let shown: number | null = null;

async function showOnIcon(unread: number): Promise<void> {
  if (unread === shown) return;
  if (unread !== (shown ?? 0) && "setAppBadge" in navigator)
    navigator.setAppBadge(unread).catch(() => undefined);
  shown = unread;
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const href = unread === 0 ? ICON : await iconWithBadge(unread);
  // The number may have changed while the icon was drawn.
  if (link !== null && shown === unread) link.href = href;
}

/** Returns a data URL of the icon with a number on it. */
async function iconWithBadge(unread: number): Promise<string> {
  const image = new Image();
  image.src = ICON;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 64;
  canvas.height = 64;
  const context = canvas.getContext("2d");
  if (context === null) return ICON;
  context.drawImage(image, 0, 0, 64, 64);
  context.fillStyle = "#b3261e";
  context.beginPath();
  context.arc(44, 44, 20, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = "#fff";
  context.font = "bold 28px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(unread > 9 ? "9+" : String(unread), 44, 46);
  return canvas.toDataURL();
}
