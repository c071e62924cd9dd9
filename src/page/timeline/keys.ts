/** Handles keys in the timeline: arrows move the focus between messages, letters act on the focused message. */
import { actOn, type MessageAction } from "../effects/message-actions.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { anchorAt, dialog } from "../state/ui.ts";
import type { TimelineWindow } from "./window.ts";

/** The first action that the message allows is performed. */
const ACTIONS: Readonly<Record<string, readonly MessageAction[]>> = {
  r: ["reply"],
  "+": ["react"],
  e: ["edit"],
  Delete: ["delete", "remove"],
  Backspace: ["delete", "remove"],
  c: ["copy-text"],
  l: ["copy-link"],
  p: ["person"],
};

const ROW = "[data-row]";

export class TimelineKeys {
  readonly #room: OpenRoom;
  readonly #log: HTMLElement;
  readonly #window: TimelineWindow;
  /** Key of the message that was reached with the keyboard. A click focuses messages too, but selects none. */
  #selected: string | null = null;

  constructor(room: OpenRoom, log: HTMLElement, window: TimelineWindow) {
    this.#room = room;
    this.#log = log;
    this.#window = window;
  }

  /** Starts to listen. Returns a function that ends this. */
  start(): () => void {
    const onKeyDown = (event: KeyboardEvent): void => this.#onKeyDown(event);
    const unselect = (): void => {
      this.#selected = null;
    };
    this.#log.addEventListener("keydown", onKeyDown);
    addEventListener("pointerdown", unselect, { capture: true });
    return () => {
      this.#log.removeEventListener("keydown", onKeyDown);
      removeEventListener("pointerdown", unselect, { capture: true });
    };
  }

  #onKeyDown(event: KeyboardEvent): void {
    if (
      event.isComposing ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      !(event.target instanceof Element)
    )
      return;
    if (this.#moveFocus(event)) {
      event.preventDefault();
      return;
    }
    const row = event.target.closest(ROW);
    // A focused button inside the message handles its own keys.
    if (row === null || event.target !== row) return;
    const message = this.#room.message(Number(row.getAttribute("data-seq")));
    if (message === undefined || message.deleted === true) return;
    if (event.key === "Enter" || event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) {
      dialog.value = { type: "actions", message, anchor: anchorAt(row) };
    } else {
      // Letters act on a selected message only: else they are text for the composer.
      const actions = this.#selected === row.getAttribute("data-row") ? ACTIONS[event.key] : undefined;
      if (!actions?.some((action) => actOn(this.#room, message, action, row))) return;
    }
    event.preventDefault();
  }

  /** Moves the focus if `event` is a key for that. Returns whether it is. */
  #moveFocus(event: KeyboardEvent): boolean {
    if (event.key === "Escape") {
      this.#room.composer.focus();
      return true;
    }
    const rows = this.#rows();
    const at = document.activeElement?.closest<HTMLElement>(ROW)?.dataset.row ?? "";
    const next = nextRow(event.key, rows.indexOf(at), rows.length);
    const row = next === null ? undefined : rows[next];
    if (row === undefined) return false;
    this.#focus(row);
    return true;
  }

  /** Returns `data-row` of all messages, drawn or not: the seq, or the id of a pending message. */
  #rows(): string[] {
    const { blocks, pending } = this.#room;
    const messages = blocks.peek().flatMap(({ rows }) => rows.filter(({ type }) => type === "message"));
    return [...messages.map(({ key }) => key), ...pending.peek().map(({ id }) => id)];
  }

  #focus(row: string): void {
    this.#selected = row;
    const focus = (): void => {
      const element = this.#log.querySelector<HTMLElement>(`[data-row="${CSS.escape(row)}"]`);
      element?.focus({ preventScroll: true });
      element?.scrollIntoView({ block: "nearest" });
      this.#window.release();
    };
    if (this.#window.hold(Number(row))) focus();
    // The block is drawn before the next frame.
    else requestAnimationFrame(focus);
  }
}

/** Returns the index of the row that `key` moves to from row `at` (-1: none), or `null` if it does not move. */
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
