/**
 * Runs before the first paint: takes an owner link from the address bar, and applies the chosen theme, so that the page
 * never flashes in the other one.
 */
import { putEarlyLinkAside } from "./storage/early-link.ts";

try {
  putEarlyLinkAside();
} catch {
  // No storage: the main script takes the link.
}
try {
  const settings: unknown = JSON.parse(localStorage.getItem("edge-chat:settings") ?? "{}");
  if (typeof settings === "object" && settings !== null && "theme" in settings) {
    const { theme } = settings;
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  }
} catch {
  // No storage, or nothing usable in it: the system theme.
}
