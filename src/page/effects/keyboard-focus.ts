/** Keeps the keyboard focus on the page: if the focused element is removed, an element around it gets the focus. */

/** Elements that the Tab key reaches. */
const REACHABLE = "a[href], button, input, textarea, select, [tabindex='0']";

/** Watches the focus inside `root`. Call once. */
export function startKeyboardFocus(root: Element): void {
  /** The element that had the focus last, and its ancestors, innermost first. */
  let path: readonly HTMLElement[] = [];
  addEventListener("focusin", ({ target }) => {
    path = target instanceof HTMLElement ? pathOf(target, root) : [];
  });
  new MutationObserver(() => {
    const [last] = path;
    if (last === undefined || last.isConnected) return;
    if (document.activeElement === document.body) nextTo(path)?.focus({ preventScroll: true });
    else path = [];
  }).observe(root, { childList: true, subtree: true });
}

function pathOf(element: HTMLElement, root: Element): HTMLElement[] {
  const path: HTMLElement[] = [];
  for (let at: HTMLElement | null = element; at !== null && at !== root; at = at.parentElement) path.push(at);
  return path;
}

/** The innermost remaining element that can have the focus, else a focusable element inside the innermost one. */
function nextTo(path: readonly HTMLElement[]): HTMLElement | undefined {
  const left = path.filter((element) => element.isConnected);
  const around = left.find((element) => element.tabIndex >= 0 || element.hasAttribute("tabindex"));
  if (around !== undefined) return around;
  for (const element of left) {
    const inside = element.querySelector<HTMLElement>(REACHABLE);
    if (inside !== null) return inside;
  }
  return undefined;
}
