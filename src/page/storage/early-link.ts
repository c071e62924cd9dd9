/**
 * The owner link in the address bar, as the first script of the page finds it. That script is small, so it only puts the
 * link aside, in a storage of this tab.
 */

const NAME = "edge-chat:owner-link";

/** Moves an owner link from the address bar to the tab's storage. Throws if there is no storage. */
export function putEarlyLinkAside(): void {
  const { pathname, hash } = location;
  if (!hash.startsWith("#owner=")) return;
  sessionStorage.setItem(NAME, pathname + hash);
  cleanAddress();
}

/** Returns the link that was put aside, and removes it; `null` if there is none. */
export function takeEarlyLink(): string | null {
  try {
    const link = sessionStorage.getItem(NAME);
    sessionStorage.removeItem(NAME);
    return link;
  } catch {
    return null;
  }
}

/** Removes the fragment from the address bar and from the history. */
export function cleanAddress(): void {
  history.replaceState(history.state, "", location.pathname + location.search);
}
