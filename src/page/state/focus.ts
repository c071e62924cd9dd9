/** Focus that is never lost: where what has it goes away, what it was in takes it. */

/** Elements that the Tab key reaches. */
const REACHABLE = "a[href], button, input, textarea, select, [tabindex='0']";

/** Watches over the focus inside `root`. Call once. */
export function startFocus(root: Element): void {
  /** What had the focus last, and all that it is in, from the inside out. */
  let path: readonly HTMLElement[] = [];
  addEventListener("focusin", ({ target }) => {
    path = target instanceof HTMLElement ? pathOf(target, root) : [];
  });
  new MutationObserver(() => {
    const [last] = path;
    if (last === undefined || last.isConnected) return;
    if (document.activeElement === document.body) heirOf(path)?.focus({ preventScroll: true });
    else path = [];
  }).observe(root, { childList: true, subtree: true });
}

function pathOf(element: HTMLElement, root: Element): HTMLElement[] {
  const path: HTMLElement[] = [];
  for (let at: HTMLElement | null = element; at !== null && at !== root; at = at.parentElement) path.push(at);
  return path;
}

/** The nearest that can have the focus itself, such as the message of a button, else the nearest beside it. */
function heirOf(path: readonly HTMLElement[]): HTMLElement | undefined {
  const left = path.filter((element) => element.isConnected);
  const around = left.find((element) => element.tabIndex >= 0 || element.hasAttribute("tabindex"));
  if (around !== undefined) return around;
  for (const element of left) {
    const beside = element.querySelector<HTMLElement>(REACHABLE);
    if (beside !== null) return beside;
  }
  return undefined;
}
