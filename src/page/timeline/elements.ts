/** Finds elements of the timeline and their positions. */
import { firstIndex } from "../state/binary-search.ts";

export const BLOCK = "[data-block]";
export const SPACER = "[data-spacer]";

/** Returns the children of `parent` that match `selector`. `querySelectorAll` would visit every descendant each frame. */
export function childrenOf(parent: Element | null, selector: string): HTMLElement[] {
  return Array.from(parent?.children ?? []).filter(
    (child): child is HTMLElement => child instanceof HTMLElement && child.matches(selector),
  );
}

/** Returns the key of the block that contains `target`, or `null`. */
export function blockKeyAround(target: EventTarget | null): string | null {
  const element = target instanceof Element ? target : target instanceof Node ? target.parentElement : null;
  return element?.closest<HTMLElement>(BLOCK)?.dataset.block ?? null;
}

/** Returns the distance from the top of the content of `log` to the top of `element`, px. Scrolling does not change it. */
export function offsetIn(log: HTMLElement, element: Element): number {
  return element.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop;
}

/** Returns the first of the ordered `elements` whose bottom is below `y`. */
export function firstBelow<E extends Element>(elements: ArrayLike<E>, y: number): E | undefined {
  const bottomOf = (index: number): number => elements[index]?.getBoundingClientRect().bottom ?? 0;
  return elements[firstIndex(elements.length, (index) => bottomOf(index) > y + 1)];
}
