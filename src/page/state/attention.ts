/** What is unread, in the page's title and on its icon. */
import { effect } from "@preact/signals";
import { roomTitle } from "./room-title.ts";
import { session } from "./rooms.ts";
import { settings } from "./settings.ts";

const ICON = "/icons/icon.svg";

/** Keeps title and icon in step with the open room. Call once. */
export function startAttention(): void {
  effect(() => {
    const open = session.value;
    if (open === null) return;
    const muted = settings.value.muted.includes(open.room);
    const unread = muted ? 0 : open.unread.value;
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${roomTitle(open.room)} · edge-chat`;
    void showOnIcon(unread);
  });
}

/** The count that the icon has; `null` while the page has no icon. */
let shown: number | null = null;

async function showOnIcon(unread: number): Promise<void> {
  if (unread === shown) return;
  if (unread !== (shown ?? 0) && "setAppBadge" in navigator)
    navigator.setAppBadge(unread).catch(() => undefined);
  shown = unread;
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const href = unread === 0 ? ICON : await badgedIcon(unread);
  // The count may have changed while the icon was drawn.
  if (link !== null && shown === unread) link.href = href;
}

/** The icon with a number on it, as an address of its own. */
async function badgedIcon(unread: number): Promise<string> {
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
