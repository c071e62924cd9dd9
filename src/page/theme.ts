/** Applies the chosen theme before the first paint, so that the page never flashes in the other theme. */
try {
  const settings: unknown = JSON.parse(localStorage.getItem("edge-chat:settings") ?? "{}");
  if (typeof settings === "object" && settings !== null && "theme" in settings) {
    const { theme } = settings;
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  }
} catch {
  // No storage, or nothing usable in it: the system theme.
}
