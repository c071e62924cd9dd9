/** The text that is being written in a room: a new message, a reply, or an edit of an old message. */
import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { ChatClient, ChatState, CommandError, ErrorCode, TimelineMessage } from "../../client/index.ts";
import { ownText } from "../../protocol/files.ts";
import { utf8Length, withoutControls } from "../../protocol/frame.ts";
import type { TabSlot } from "../storage/tab-slot.ts";
import type { Attachments } from "./attachments.ts";
import { HeldTexts } from "./held-texts.ts";
import type { Membership } from "./membership.ts";
import type { PendingSend } from "./pending.ts";
import { findMessage } from "./rows.ts";

/** A pasted text with at least this length or number of lines is offered as a code block. */
const LONG_PASTE = 600;
const LONG_PASTE_LINES = 6;

/** Errors that the same text will get again. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["bad_request", "too_long", "forbidden"]);

/** An own message that is being edited: what its author wrote. */
type Edited = Pick<TimelineMessage, "seq" | "text">;

export interface ComposerOptions {
  readonly client: ChatClient;
  readonly state: ReadonlySignal<ChatState>;
  readonly membership: Membership;
  readonly slot: TabSlot;
  /** Called after a new message was handed to the client. */
  readonly onSend: () => void;
  /** Deletes a message. */
  readonly onDelete: (seq: number) => void;
}

/** Composer is the state of one room's text field. */
export class Composer {
  readonly text = signal("");
  /** Seq of the message that is being answered. */
  readonly reply = signal<number | null>(null);
  /** The message that is being answered, if it is loaded. */
  readonly answered = computed(() => {
    const seq = this.reply.value;
    return seq === null ? undefined : findMessage(this.#state.value.timeline.items, seq);
  });
  /** The message that is being edited. */
  readonly editing = signal<Edited | null>(null);
  /** Why the room rejected the text in the field; `null` once it is changed or sent. */
  readonly rejection = signal<CommandError | null>(null);
  /** The edited message has no text left: the user is asked whether to delete it. */
  readonly asksDelete = signal(false);
  /** A long text that was just pasted and is offered as a code block. */
  readonly pasted = signal<string | null>(null);
  /** Counts the requests to focus the field, with the caret at the end. */
  readonly focusRequests = signal(0);
  /** Inserts a text at the caret; set by the field while it is mounted. */
  onInsert: ((text: string) => void) | null = null;
  readonly bytes = computed(() => utf8Length(sendable(this.text.value)));
  /** Why the user may not write now, or `null`. Slow mode does not delay edits. */
  readonly block = computed(() => {
    const block = this.#membership.block.value;
    return block?.type === "slow" && this.editing.value !== null ? null : block;
  });
  /** Counts the attempts to send while `block` prevents it, since the last message. */
  readonly blockedSends = signal(0);
  /** The files of the new message, and the messages that wait for theirs; `null` until one is attached. */
  readonly files = signal<Attachments | null>(null);
  /** The new message has files. */
  readonly hasFiles = computed(() => (this.files.value?.draft.value.length ?? 0) > 0);
  /** There is something to show above the field. */
  readonly hasNotes = computed(
    () =>
      this.hasFiles.value ||
      (this.block.value !== null && this.block.value.type !== "slow") ||
      this.reply.value !== null ||
      this.editing.value !== null ||
      this.rejection.value !== null ||
      this.asksDelete.value ||
      this.pasted.value !== null,
  );
  readonly canSend = computed(
    () =>
      this.block.value === null &&
      (this.editing.value !== null || !this.files.value?.hasFailed.value) &&
      (this.bytes.value > 0 || this.editing.value !== null || this.hasFiles.value) &&
      this.bytes.value <= this.#state.value.limits.text,
  );

  /** Texts that wait for the emoji of their shortcodes. */
  readonly held = new HeldTexts();

  readonly #client: ChatClient;
  readonly #state: ReadonlySignal<ChatState>;
  readonly #membership: Membership;
  readonly #slot: TabSlot;
  readonly #onSend: () => void;
  readonly #onDelete: (seq: number) => void;
  /** The new message, kept while an old one is being edited. */
  #draft = "";
  #loadingFiles: Promise<Attachments> | null = null;

  constructor({ client, state, membership, slot, onSend, onDelete }: ComposerOptions) {
    this.#client = client;
    this.#state = state;
    this.#membership = membership;
    this.#slot = slot;
    this.#onSend = onSend;
    this.#onDelete = onDelete;
    if (slot.files.load() !== null) void this.loadFiles();
    const { text, reply, edit } = slot.draft.load();
    this.#draft = text;
    this.text.value = edit?.text ?? text;
    this.reply.value = reply ?? null;
    if (edit !== undefined) this.editing.value = { seq: edit.seq, text: edit.before };
  }

  /** Sets the field's text and stores it as the draft. */
  type(text: string): void {
    this.text.value = text;
    this.rejection.value = null;
    this.asksDelete.value = false;
    if (this.pasted.peek() !== null && !text.includes(this.pasted.peek() ?? "")) this.pasted.value = null;
    this.#storeDraft();
    const block = this.block.peek();
    const mayWrite = block === null || block.type === "slow";
    if (this.editing.peek() === null) this.#client.typing(mayWrite && text.trim() !== "");
  }

  /** Sends the text, or saves the edit. */
  submit(): void {
    if (this.block.peek() !== null) this.blockedSends.value += 1;
    if (!this.canSend.peek()) return;
    this.blockedSends.value = 0;
    const text = sendable(this.text.peek());
    const editing = this.editing.peek();
    if (editing !== null) {
      const message = findMessage(this.#state.peek().timeline.items, editing.seq);
      this.asksDelete.value = text === "" && message?.files === undefined;
      if (this.asksDelete.peek()) return;
      this.cancel();
      this.held.send(text, (ready) => {
        if (ready !== editing.text) this.#client.edit(editing.seq, ready).catch(shownInTimeline);
      });
      return;
    }
    const reply = this.reply.peek() ?? undefined;
    const files = this.files.peek();
    const taken = files?.take() ?? [];
    this.held.send(text, (ready) => {
      if (taken.length > 0) files?.send(ready, reply, taken);
      else this.#client.send(ready, { reply }).catch(shownInTimeline);
    });
    this.#client.typing(false);
    batch(() => {
      this.#onSend();
      this.reply.value = null;
      this.pasted.value = null;
      this.type("");
    });
  }

  /** Deletes the message that is being edited. */
  deleteEdited(): void {
    const editing = this.editing.peek();
    this.cancel();
    if (editing !== null) this.#onDelete(editing.seq);
    this.focus();
  }

  /** Makes the text a reply to a message. */
  answer({ seq }: TimelineMessage): void {
    if (this.editing.peek() !== null) this.cancel();
    this.reply.value = seq;
    this.#storeDraft();
    this.focus();
  }

  /** Starts editing a message. `text` is the first content of the field. */
  edit(message: Edited & Pick<TimelineMessage, "files">, text = ownText(message)): void {
    const { seq } = message;
    if (this.editing.peek() === null) this.#draft = this.text.peek();
    batch(() => {
      this.reply.value = null;
      this.rejection.value = null;
      this.editing.value = { seq, text: ownText(message) };
      this.text.value = text;
      this.focus();
    });
    this.#storeDraft();
  }

  /** Ends the reply or the edit, and restores the draft. Returns whether there was one to end. */
  cancel(): boolean {
    if (this.editing.peek() === null && this.reply.peek() === null) return false;
    batch(() => {
      if (this.editing.peek() !== null) this.text.value = this.#draft;
      this.editing.value = null;
      this.asksDelete.value = false;
      this.reply.value = null;
      this.rejection.value = null;
      this.pasted.value = null;
    });
    this.#storeDraft();
    return true;
  }

  /** Moves a rejected message from the outbox into the field, before the text that is already there. */
  takeBack({ id, text, reply, entry }: PendingSend): void {
    if (this.files.peek()?.takeBack(id) === false) return;
    const rest = this.text.peek();
    batch(() => {
      this.reply.value ??= reply ?? null;
      this.type(rest.trim() === "" ? text : `${text}\n${rest}`);
      // The wait is shown beside the field.
      const isTooEarly = entry?.error?.cause === "slow_mode";
      this.rejection.value = isTooEarly ? null : (entry?.error ?? null);
      if (isTooEarly) this.blockedSends.value += 1;
    });
    // After the draft is stored: at any time, the text is in the outbox or in the draft.
    this.#client.discard(id);
  }

  /** Takes back a message that the room will never accept unchanged, unless something else is being written. */
  takeBackIfFree(send: PendingSend): void {
    const error = send.entry?.error;
    const isFree =
      this.text.peek() === "" &&
      this.editing.peek() === null &&
      this.reply.peek() === null &&
      !this.hasFiles.peek();
    if (error?.cause === "slow_mode" && error.retryAfter !== undefined)
      this.#membership.mustWait(error.retryAfter);
    // A message whose files are used has been sent before.
    if (isFree && error !== undefined && FINAL.has(error.code) && error.cause !== "file_used")
      this.takeBack(send);
  }

  /** Loads the code for files, and the files that an earlier visit left. */
  loadFiles(): Promise<Attachments> {
    this.#loadingFiles ??= import("./attachments.ts").then(({ Attachments }) => {
      const [client, state, storage] = [this.#client, this.#state, this.#slot.files];
      this.files.value = new Attachments({ client, state, storage, limits: this.#membership.fileLimits });
      return this.files.value;
    });
    return this.#loadingFiles;
  }

  /** Inserts `text` at the caret. */
  insert(text: string): void {
    if (this.onInsert === null) this.type(this.text.peek() + text);
    else this.onInsert(text);
  }

  /** Focuses the field, with the caret at the end. */
  focus(): void {
    this.focusRequests.value += 1;
  }

  /** Offers a pasted text as a code block if it is long. */
  paste(text: string): void {
    const long = text.length >= LONG_PASTE || text.split("\n").length >= LONG_PASTE_LINES;
    this.pasted.value = long && !text.includes("```") ? text.replace(/\r\n?/g, "\n") : null;
  }

  /** Turns the pasted text into a code block. */
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
    this.focus();
  }

  close(): void {
    this.held.finish();
    this.files.peek()?.close();
    this.#client.typing(false);
  }

  #storeDraft(): void {
    const [editing, reply, text] = [this.editing.peek(), this.reply.peek(), this.text.peek()];
    this.#slot.draft.save({
      text: editing === null ? text : this.#draft,
      ...(reply !== null && { reply }),
      ...(editing !== null && { edit: { seq: editing.seq, before: editing.text, text } }),
    });
  }
}

/** A rejected command stays in the outbox as failed, and the timeline shows it. */
function shownInTimeline(): void {}

/**
 * Returns `text` as it is sent: without empty lines at its ends, and without characters that no message may hold. The
 * first line keeps its indentation.
 */
export function sendable(text: string): string {
  return withoutControls(text.toWellFormed())
    .trimEnd()
    .replace(/^(?:[^\S\n]*\n)+/, "");
}
