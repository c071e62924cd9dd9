/** Elements of the timeline, and where they are. */

/** Children of `parent` that match `selector`. To look through all that is in them would take its time in every frame. */
export function childrenOf(parent: Element | null, selector: string): HTMLElement[] {
  return Array.from(parent?.children ?? []).filter(
    (child): child is HTMLElement => child instanceof HTMLElement && child.matches(selector),
  );
}

/** Pixels from the top of the content of `log` to the top of `element`; scrolling does not change it. */
export function offsetIn(log: HTMLElement, element: Element): number {
  return element.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop;
}

/** The first of `elements`, which are in order, that reaches below `top`. */
export function firstBelow(elements: ArrayLike<Element>, top: number): Element | undefined {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const bottom = elements[middle]?.getBoundingClientRect().bottom ?? 0;
    if (bottom > top + 1) high = middle;
    else low = middle + 1;
  }
  return elements[low];
}
