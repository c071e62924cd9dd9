/** What is being written in a room: a new message, an answer, or a change of an old one. */
import { batch, computed, signal } from "@preact/signals";
import type { TimelineMessage } from "../../client/index.ts";
import type { ErrorCode } from "../../protocol/errors.ts";
import { utf8Length, withoutControls } from "../../protocol/frame.ts";
import { findMessage } from "../timeline/rows.ts";
import type { PendingSend } from "./pending.ts";
import type { Place } from "./place.ts";
import type { RoomSession } from "./session.ts";

/** Pasted texts from this length or number of lines on are offered as a code block. */
const LONG_PASTE = 600;
const LONG_PASTE_LINES = 6;

/** Refusals that the same text will get again. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["bad_request", "too_long", "forbidden"]);

/** Edited is an own message, of which so much is known as its change needs. */
type Edited = Pick<TimelineMessage, "seq" | "text">;

/** Composer is the state of one room's text field. */
export class Composer {
  readonly text = signal("");
  /** Seq of the message that is being answered. */
  readonly reply = signal<number | null>(null);
  /** That message, where it is loaded. */
  readonly answered = computed(() => {
    const seq = this.reply.value;
    return seq === null ? undefined : findMessage(this.#session.state.value.timeline.items, seq);
  });
  /** Message that is being changed. */
  readonly editing = signal<Edited | null>(null);
  /** Why the room refused the text that is in the field; until it is changed or sent. */
  readonly refusal = signal<ErrorCode | null>(null);
  /** Long text that was just pasted, and may become a code block. */
  readonly pasted = signal<string | null>(null);
  /** Counts up when the field is to take the focus, its caret at the end. */
  readonly focusRequests = signal(0);
  /** Puts a text where the caret is; set by the field that has it. */
  onInsert: ((text: string) => void) | null = null;
  readonly bytes = computed(() => utf8Length(sendable(this.text.value)));
  readonly canSend = computed(
    () => this.bytes.value > 0 && this.bytes.value <= this.#session.state.value.limits.text,
  );

  readonly #session: RoomSession;
  readonly #place: Place;
  /** The new message that waits while an old one is being changed. */
  #draft = "";

  constructor(session: RoomSession, place: Place) {
    this.#session = session;
    this.#place = place;
    const { text, reply, edit } = place.draft.load();
    this.#draft = text;
    this.text.value = edit?.text ?? text;
    this.reply.value = reply ?? null;
    if (edit !== undefined) this.editing.value = { seq: edit.seq, text: edit.before };
  }

  /** Takes what was typed; it is kept at once. */
  type(text: string): void {
    this.text.value = text;
    this.refusal.value = null;
    if (this.pasted.peek() !== null && !text.includes(this.pasted.peek() ?? "")) this.pasted.value = null;
    this.#keep();
    if (this.editing.peek() !== null) return;
    this.#session.client.typing(text.trim() !== "");
  }

  /** Sends the text, or saves the change. */
  submit(): void {
    if (!this.canSend.peek()) return;
    const text = sendable(this.text.peek());
    const editing = this.editing.peek();
    if (editing !== null) {
      this.cancel();
      if (text !== editing.text) this.#session.client.edit(editing.seq, text).catch(shownInTimeline);
      return;
    }
    const reply = this.reply.peek();
    this.#session.client.send(text, reply === null ? {} : { reply }).catch(shownInTimeline);
    this.#session.unreadAfter.value = null;
    this.#session.client.typing(false);
    batch(() => {
      this.reply.value = null;
      this.pasted.value = null;
      this.type("");
    });
  }

  answer({ seq }: TimelineMessage): void {
    if (this.editing.peek() !== null) this.cancel();
    this.reply.value = seq;
    this.#keep();
    this.focusRequests.value += 1;
  }

  /** Changes `message`, to begin with to `text`. */
  edit({ seq, text: before }: Edited, text = before): void {
    if (this.editing.peek() === null) this.#draft = this.text.peek();
    batch(() => {
      this.reply.value = null;
      this.refusal.value = null;
      this.editing.value = { seq, text: before };
      this.text.value = text;
      this.focusRequests.value += 1;
    });
    this.#keep();
  }

  /** Leaves the answer or the change; what was written before comes back. Returns whether there was one. */
  cancel(): boolean {
    if (this.editing.peek() === null && this.reply.peek() === null) return false;
    batch(() => {
      if (this.editing.peek() !== null) this.text.value = this.#draft;
      this.editing.value = null;
      this.reply.value = null;
      this.refusal.value = null;
      this.pasted.value = null;
    });
    this.#keep();
    return true;
  }

  /** Takes a refused message back from the outbox into the field, with its reason, before what is written there. */
  takeBack({ id, text, reply, entry }: PendingSend): void {
    const rest = this.text.peek();
    batch(() => {
      this.reply.value ??= reply ?? null;
      this.type(rest.trim() === "" ? text : `${text}\n${rest}`);
      this.refusal.value = entry.error?.code ?? null;
    });
    // Only now: what is not yet kept as a draft is still in the outbox.
    this.#session.client.discard(id);
  }

  /** Takes back what the room will never take as it is; where something else is being written, it stays in the timeline. */
  takeRefused(send: PendingSend): void {
    const { error } = send.entry;
    const isFree = this.text.peek() === "" && this.editing.peek() === null && this.reply.peek() === null;
    if (isFree && error !== undefined && FINAL.has(error.code)) this.takeBack(send);
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
  }

  /** Keeps what is written, so that a reload brings it back. */
  #keep(): void {
    const [editing, reply, text] = [this.editing.peek(), this.reply.peek(), this.text.peek()];
    this.#place.draft.save({
      text: editing === null ? text : this.#draft,
      ...(reply !== null && { reply }),
      ...(editing !== null && { edit: { seq: editing.seq, before: editing.text, text } }),
    });
  }
}

/** A refused command stays in the outbox as failed, and the timeline shows it. */
function shownInTimeline(): void {}

/** `text` as it is sent: without its blank ends, and without what no message may hold. */
function sendable(text: string): string {
  return withoutControls(text.toWellFormed()).trim();
}
