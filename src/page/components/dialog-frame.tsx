/** A modal dialog. Escape, a click beside it and its close button close it and restore the focus. */
import type { ComponentChildren } from "preact";
import { useContext, useId, useLayoutEffect, useRef } from "preact/hooks";
import { canHover } from "../effects/media.ts";
import { t } from "../i18n/index.ts";
import { OpenRoomContext } from "../state/context.ts";
import { type Anchor, closeDialog, dialog } from "../state/ui.ts";
import { Icon } from "./icon.tsx";

interface DialogFrameProps {
  /**
   * In the middle, at its anchor, at the side, at the bottom, or over the whole page. On a phone, all except `side` and
   * `viewer` are at the bottom.
   */
  readonly kind: "box" | "anchored" | "side" | "sheet" | "viewer";
  readonly title: string;
  /** The title is for screen readers only, and there is no close button. */
  readonly bare?: boolean;
  readonly anchor?: Anchor;
  /** Buttons beside the title. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function DialogFrame({ kind, title, bare = false, anchor, actions, children }: DialogFrameProps) {
  // There is none on the welcome.
  const room = useContext(OpenRoomContext);
  const frame = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const shown = dialog.peek();
    // Opened with the mouse, on a device with a keyboard: after it, the user goes on writing.
    const byPointer = canHover.peek() && document.activeElement?.matches(":focus-visible") !== true;
    element.showModal();
    if (anchor !== undefined) place(element, anchor);
    const closed = (): void => {
      // Another dialog may be open by now.
      if (dialog.peek() === shown) dialog.value = null;
    };
    element.addEventListener("close", closed);
    return () => {
      element.removeEventListener("close", closed);
      element.close();
      if (byPointer && dialog.peek() === null) room?.composer.focus();
    };
  }, [anchor, room]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it too
    <dialog
      ref={frame}
      class={`dialog ${kind}`}
      aria-labelledby={titleId}
      onClick={(event) => {
        if (event.target === frame.current) closeDialog();
      }}
    >
      <div class="dialog-content">
        <div class={bare ? "visually-hidden" : "dialog-head"}>
          <h2 id={titleId}>{title}</h2>
          {actions}
          {!bare && (
            <button
              type="button"
              class="icon-button"
              aria-label={t.value.close}
              title={t.value.close}
              onClick={closeDialog}
            >
              <Icon name="close" />
            </button>
          )}
        </div>
        {children}
      </div>
    </dialog>
  );
}

/** Space between a dialog and the edges of the window, px. */
const MARGIN = 8;

/** Places `element` below its anchor, or above if it does not fit below, inside the window. */
function place(element: HTMLElement, { left, right, top, bottom, align }: Anchor): void {
  const { offsetWidth, offsetHeight } = element;
  const below = bottom + MARGIN + offsetHeight <= innerHeight;
  const y = below ? bottom : Math.max(MARGIN, top - offsetHeight);
  const start = align === "left" ? left : right - offsetWidth;
  const x = Math.max(MARGIN, Math.min(start, innerWidth - offsetWidth - MARGIN));
  element.style.setProperty("--left", `${x}px`);
  element.style.setProperty(
    "--top",
    `${Math.max(MARGIN, Math.min(y, innerHeight - offsetHeight - MARGIN))}px`,
  );
}
