/** Starts everything that the first messages do not need. */
import { effect } from "@preact/signals";
import { loadDialogs } from "./components/overlay.tsx";
import { loadSuggestions } from "./components/text-field.tsx";
import { startAttaching } from "./effects/attach-files.ts";
import { startCopyMessages } from "./effects/copy-messages.ts";
import { startKeyboardFocus } from "./effects/keyboard-focus.ts";
import { startNotifications } from "./effects/notifications.ts";
import { startOldMessages } from "./effects/old-messages.ts";
import { startOwnRooms } from "./effects/own-rooms.ts";
import { startRoomLinks } from "./effects/room-links.ts";
import { startShortcuts } from "./effects/shortcuts.ts";
import { startTitleBadge } from "./effects/title-badge.ts";
import { startTypeAnywhere } from "./effects/type-anywhere.ts";
import { startViewport } from "./effects/viewport.ts";
import { startWatchingRooms } from "./effects/watch-rooms.ts";
import { openRoom } from "./state/navigation.ts";
import { fileRows, noticeRows } from "./state/rare-rows.ts";
import { removeEmptyOutboxes } from "./storage/tab-slot.ts";
import { loadMarkdown } from "./text/markdown.ts";
import { loadSkeleton } from "./text/skeleton.ts";
import { loadInput } from "./timeline/input.ts";

/** Call once, when the page is drawn. */
export function startBackground(): void {
  startTitleBadge();
  startOwnRooms();
  startShortcuts();
  startRoomLinks();
  startCopyMessages();
  startAttaching();
  startTypeAnywhere();
  startViewport();
  const app = document.getElementById("app");
  if (app !== null) startKeyboardFocus(app);
  effect(() => (openRoom.value === null ? undefined : startNotifications(openRoom.value)));
  startWatchingRooms();
  removeEmptyOutboxes();
  startOldMessages();
  void loadMarkdown();
  loadSkeleton().catch(() => undefined);
  loadInput().catch(() => undefined);
  loadSuggestions().catch(() => undefined);
  void loadDialogs();
  // Else the first message under the pointer would wait for it.
  void import("./components/message-toolbar.tsx").catch(() => undefined);
  void noticeRows.load();
  void fileRows.load();
  registerServiceWorker();
}

function registerServiceWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register(trusted("/build/sw.js"), { scope: "/" }).catch(() => {
    // Without a service worker the page needs a network to start; everything else works.
  });
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

/**
 * Returns `address` in the form that the Content-Security-Policy requires in browsers with trusted types. It is the
 * only script address that is not in the page's HTML.
 */
function trusted(address: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return address;
  return trustedTypes.createPolicy("edge-chat", { createScriptURL: () => address }).createScriptURL(address);
}
