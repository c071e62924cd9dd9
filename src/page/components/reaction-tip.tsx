/** Shows who reacted, while the pointer rests on a reaction or a finger holds it. Screen readers read the button. */
import { signal } from "@preact/signals";
import { type Anchor, anchorAt } from "../state/ui.ts";

/** Time that the mouse must rest on a reaction, ms. */
const HOVER_MS = 300;
/** Time that a finger must hold a reaction, ms. */
const HOLD_MS = 450;

interface Tip {
  readonly anchor: Anchor;
  readonly emoji: string;
  readonly names: string;
}

const tip = signal<Tip | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;
/** The next click ends a hold, and is no reaction. */
let wasHeld = false;

export function ReactionTip() {
  const shown = tip.value;
  if (shown === null) return null;
  const { anchor, emoji, names } = shown;
  const style = { "--tip-left": `${anchor.left}px`, "--tip-bottom": `${innerHeight - anchor.top}px` };
  return (
    <div class="reaction-tip" style={style} aria-hidden="true">
      <span class="emoji">{emoji}</span>
      <span>{names}</span>
    </div>
  );
}

/** Hides the tip. */
export function hideTip(): void {
  clearTimeout(timer);
  tip.value = null;
}

/** Returns whether a click ends a hold. */
export function endsHold(): boolean {
  const held = wasHeld;
  wasHeld = false;
  return held;
}

/** Returns the attributes of a reaction that shows its tip. */
export function tipAttributes(emoji: string, names: () => string) {
  const showAfter = (ms: number, target: EventTarget | null, isHold: boolean): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!(target instanceof Element) || !target.isConnected) return;
      wasHeld = isHold;
      tip.value = { anchor: anchorAt(target), emoji, names: names() };
    }, ms);
  };
  return {
    onPointerEnter(event: PointerEvent): void {
      if (event.pointerType === "mouse") showAfter(HOVER_MS, event.currentTarget, false);
    },
    onPointerDown(event: PointerEvent): void {
      wasHeld = false;
      if (event.pointerType !== "mouse") showAfter(HOLD_MS, event.currentTarget, true);
    },
    onPointerUp(event: PointerEvent): void {
      if (event.pointerType !== "mouse") hideTip();
    },
    onPointerLeave: hideTip,
    onPointerCancel: hideTip,
    onContextMenu(event: MouseEvent): void {
      // A long press would open the menu of the system.
      if (event instanceof PointerEvent && event.pointerType === "touch") event.preventDefault();
    },
  };
}
