/** Keys in the timeline: arrows go from message to message, letters act on the one in focus. */
import { actOn, type MessageAction } from "../effects/message-actions.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { anchorAt, dialog } from "../state/ui.ts";
import type { TimelineWindow } from "./window.ts";

const ACTIONS: Readonly<Record<string, MessageAction>> = {
  r: "reply",
  "+": "react",
  e: "edit",
  Delete: "delete",
  Backspace: "delete",
  c: "copy-text",
  l: "copy-link",
};

const ROW = "[data-row]";

export class TimelineKeys {
  readonly #session: OpenRoom;
  readonly #log: HTMLElement;
  readonly #near: TimelineWindow;
  /** Key of the message that was reached with the keyboard. A click focuses messages too, but selects none. */
  #selected: string | null = null;

  constructor(session: OpenRoom, log: HTMLElement, near: TimelineWindow) {
    this.#session = session;
    this.#log = log;
    this.#near = near;
  }

  /** Listens until the returned function is called. */
  start(): () => void {
    const pressed = (event: KeyboardEvent): void => this.#pressed(event);
    const unselect = (): void => {
      this.#selected = null;
    };
    this.#log.addEventListener("keydown", pressed);
    addEventListener("pointerdown", unselect, { capture: true });
    return () => {
      this.#log.removeEventListener("keydown", pressed);
      removeEventListener("pointerdown", unselect, { capture: true });
    };
  }

  #pressed(event: KeyboardEvent): void {
    if (
      event.isComposing ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      !(event.target instanceof Element)
    )
      return;
    if (this.#move(event)) {
      event.preventDefault();
      return;
    }
    const row = event.target.closest(ROW);
    // A button inside the message has its own keys.
    if (row === null || event.target !== row) return;
    const message = this.#session.message(Number(row.getAttribute("data-seq")));
    if (message === undefined || message.deleted === true) return;
    if (event.key === "Enter" || event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) {
      dialog.value = { type: "actions", message, anchor: anchorAt(row) };
    } else {
      // Letters act on a selected message only: else they are text for the composer.
      const action = this.#selected === row.getAttribute("data-row") ? ACTIONS[event.key] : undefined;
      if (action === undefined || !actOn(this.#session, message, action, row)) return;
    }
    event.preventDefault();
  }

  #move(event: KeyboardEvent): boolean {
    if (event.key === "Escape") {
      this.#session.composer.focus();
      return true;
    }
    const rows = this.#rows();
    const at = document.activeElement?.closest<HTMLElement>(ROW)?.dataset.row ?? "";
    const next = nextRow(event.key, rows.indexOf(at), rows.length);
    const row = next === null ? undefined : rows[next];
    if (row === undefined) return false;
    this.#goTo(row);
    return true;
  }

  /** All messages, also those that are not drawn, as rows call them: by their seq, or by the id of what is on its way. */
  #rows(): string[] {
    const { blocks, pending } = this.#session;
    const said = blocks.peek().flatMap((block) => block.rows.filter(({ type }) => type === "message"));
    return [...said.map(({ key }) => key), ...pending.peek().map(({ id }) => id)];
  }

  #goTo(row: string): void {
    this.#selected = row;
    const go = (): void => {
      const element = this.#log.querySelector<HTMLElement>(`[data-row="${CSS.escape(row)}"]`);
      element?.focus({ preventScroll: true });
      element?.scrollIntoView({ block: "nearest" });
      this.#near.moved();
    };
    if (this.#near.want(Number(row))) go();
    // It is drawn before the next frame.
    else requestAnimationFrame(go);
  }
}

/** Index of the row that `key` goes to from the row `at` (-1: none), or `null` where it goes nowhere. */
export function nextRow(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  switch (key) {
    case "ArrowUp":
      return at < 0 ? count - 1 : Math.max(0, at - 1);
    case "ArrowDown":
      return at < 0 ? count - 1 : Math.min(count - 1, at + 1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
