/** Adapts the page to the part of the window that a phone's keyboard leaves free. */

/** Keeps the page as high as the visible part, so that the keyboard never covers the composer. Call once. */
export function startViewport(): void {
  const viewport = window.visualViewport;
  if (viewport === null) return;
  const adapt = (): void => {
    // A page zoomed in with two fingers keeps its size.
    if (viewport.scale > 1.01) return;
    const covered = window.innerHeight - viewport.height > 1;
    const { style } = document.documentElement;
    if (covered) style.setProperty("--visible-height", `${viewport.height}px`);
    else style.removeProperty("--visible-height");
    // Some browsers scroll the page up instead.
    if (covered) window.scrollTo(0, 0);
  };
  viewport.addEventListener("resize", adapt);
  adapt();
}
