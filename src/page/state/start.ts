/** What goes on in the background once the page stands: nothing here is waited for. */
import { effect } from "@preact/signals";
import { loadDialogs } from "../components/overlay.tsx";
import { loadMarkdown } from "../text/markdown.ts";
import { loadSkeleton } from "../text/skeleton.ts";
import { finishDeletions } from "./actions.ts";
import { startAttention } from "./attention.ts";
import { startFocus } from "./focus.ts";
import { startNotifications } from "./notifications.ts";
import { session } from "./rooms.ts";
import { startShortcuts } from "./shortcuts.ts";
import { startUnread } from "./unread.ts";
import { startViewport } from "./viewport.ts";

/** Starts all of it. Call once, when the page is drawn. */
export function startBackground(): void {
  startAttention();
  startShortcuts();
  startViewport();
  const app = document.getElementById("app");
  if (app !== null) startFocus(app);
  effect(() => (session.value === null ? undefined : startNotifications(session.value)));
  addEventListener("pagehide", finishDeletions);
  startUnread();
  void loadMarkdown();
  loadSkeleton().catch(() => undefined);
  void loadDialogs();
  registerServiceWorker();
}

/** The one script address that is not written in the page's HTML; the policy lets no other through. */
function registerServiceWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  const address = "/build/sw.js";
  navigator.serviceWorker.register(trusted(address), { scope: "/" }).catch(() => {
    // Without it the page needs the network to start, and nothing else is lost.
  });
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

/** `address` as the Content-Security-Policy wants it, in browsers that know trusted types. */
function trusted(address: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return address;
  return trustedTypes.createPolicy("edge-chat", { createScriptURL: () => address }).createScriptURL(address);
}
