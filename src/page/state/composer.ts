/** What is being written in a room: a new message, an answer, or a change of an old one. */
import { batch, computed, signal } from "@preact/signals";
import type { TimelineMessage } from "../../client/index.ts";
import { utf8Length } from "../../protocol/frame.ts";
import type { Place } from "./place.ts";
import type { RoomSession } from "./session.ts";

/** Pasted texts from this length or number of lines on are offered as a code block. */
const LONG_PASTE = 600;
const LONG_PASTE_LINES = 6;

/** Composer is the state of one room's text field. */
export class Composer {
  readonly text = signal("");
  /** Message that is being answered. */
  readonly reply = signal<TimelineMessage | null>(null);
  /** Message that is being changed. */
  readonly editing = signal<TimelineMessage | null>(null);
  /** Long text that was just pasted, and may become a code block. */
  readonly pasted = signal<string | null>(null);
  /** Counts up when the field is to take the focus, its caret at the end. */
  readonly focusRequests = signal(0);
  /** Puts a text where the caret is; set by the field that has it. */
  onInsert: ((text: string) => void) | null = null;
  readonly bytes = computed(() => utf8Length(this.text.value.trim()));
  readonly canSend = computed(
    () => this.text.value.trim() !== "" && this.bytes.value <= this.#session.state.value.limits.text,
  );

  readonly #session: RoomSession;
  readonly #place: Place;
  /** The new message that waits while an old one is being changed. */
  #draft = "";

  constructor(session: RoomSession, place: Place) {
    this.#session = session;
    this.#place = place;
    this.text.value = place.draft.load();
  }

  /** Takes what was typed; it is kept at once. */
  type(text: string): void {
    this.text.value = text;
    if (this.pasted.peek() !== null && !text.includes(this.pasted.peek() ?? "")) this.pasted.value = null;
    if (this.editing.peek() !== null) return;
    this.#place.draft.save(text);
    this.#session.client.typing(text.trim() !== "");
  }

  /** Sends the text, or saves the change. */
  submit(): void {
    if (!this.canSend.peek()) return;
    const text = this.text.peek().trim();
    const editing = this.editing.peek();
    if (editing !== null) {
      this.cancel();
      if (text !== editing.text) this.#session.client.edit(editing.seq, text).catch(shownInTimeline);
      return;
    }
    const reply = this.reply.peek();
    this.#session.client.send(text, reply === null ? {} : { reply: reply.seq }).catch(shownInTimeline);
    this.#session.unreadAfter.value = null;
    this.#session.client.typing(false);
    batch(() => {
      this.reply.value = null;
      this.pasted.value = null;
      this.type("");
    });
  }

  answer(message: TimelineMessage): void {
    if (this.editing.peek() !== null) this.cancel();
    this.reply.value = message;
    this.focusRequests.value += 1;
  }

  edit(message: TimelineMessage): void {
    if (this.editing.peek() === null) this.#draft = this.text.peek();
    batch(() => {
      this.reply.value = null;
      this.editing.value = message;
      this.text.value = message.text;
      this.focusRequests.value += 1;
    });
  }

  /** Leaves the answer or the change; what was written before comes back. Returns whether there was one. */
  cancel(): boolean {
    if (this.editing.peek() === null && this.reply.peek() === null) return false;
    batch(() => {
      if (this.editing.peek() !== null) this.text.value = this.#draft;
      this.editing.value = null;
      this.reply.value = null;
      this.pasted.value = null;
    });
    return true;
  }

  /** Puts a text that was not sent back into the field, before what is there. */
  takeBack(text: string): void {
    this.cancel();
    const rest = this.text.peek();
    this.type(rest.trim() === "" ? text : `${text}\n${rest}`);
    this.focusRequests.value += 1;
  }

  /** Puts `text` where the caret is. */
  insert(text: string): void {
    if (this.onInsert === null) this.type(this.text.peek() + text);
    else this.onInsert(text);
  }

  /** Notes a pasted text that is long enough to be offered as a code block. */
  paste(text: string): void {
    const long = text.length >= LONG_PASTE || text.split("\n").length >= LONG_PASTE_LINES;
    this.pasted.value = long && !text.includes("```") ? text.replace(/\r\n?/g, "\n") : null;
  }

  /** Makes the pasted text a code block. */
  pastedAsCode(): void {
    const pasted = this.pasted.peek();
    if (pasted === null) return;
    const text = this.text.peek();
    const at = text.lastIndexOf(pasted);
    if (at >= 0) {
      const before = text.slice(0, at).replace(/\n?$/, (end) => (at === 0 ? end : "\n"));
      const after = text.slice(at + pasted.length).replace(/^\n?/, "\n");
      this.type(`${before}\`\`\`\n${pasted.replace(/\n$/, "")}\n\`\`\`${after}`);
    }
    this.pasted.value = null;
    this.focusRequests.value += 1;
  }

  close(): void {
    this.#session.client.typing(false);
    if (this.editing.peek() !== null) this.cancel();
  }
}

/** A refused command stays in the outbox as failed, and the timeline shows it. */
function shownInTimeline(): void {}
