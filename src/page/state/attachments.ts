/**
 * Attachments are the files of a new message, and the messages with files that wait: for their files to be uploaded,
 * or for the room's answer. Both are stored, so that they survive a reload.
 *
 * A message is sent once. Its command keeps its id, and the room accepts a file in one message only: a message that
 * was sent before a crash is found to be sent when it is sent again.
 */
import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import * as v from "valibot";
import type { ChatClient, ChatState, OutboxEntry } from "../../client/index.ts";
import { keepPicture } from "../pictures/kept-pictures.ts";
import { itemNames, readItem } from "../storage/browser-storage.ts";
import { dropUnusedFiles } from "../storage/file-store.ts";
import { randomToken } from "../storage/settings.ts";
import { FILES } from "../storage/tab-slot.ts";
import { Attachment, StoredAttachment } from "./attachment.ts";
import type { PendingSend } from "./pending.ts";
import { Uploads } from "./uploads.ts";

const StoredWaiting = v.object({
  /** Id of the command. */
  id: v.string(),
  text: v.string(),
  reply: v.exactOptional(v.number()),
  /** Unix ms. */
  at: v.number(),
  files: v.array(StoredAttachment),
});
const Stored = v.object({ draft: v.array(StoredAttachment), waiting: v.array(StoredWaiting) });
type Stored = v.InferOutput<typeof Stored>;

/** WaitingMessage is a message with files that is not in the room yet. */
export interface WaitingMessage extends Omit<v.InferOutput<typeof StoredWaiting>, "files"> {
  readonly files: readonly Attachment[];
}

export interface AttachmentsOptions {
  readonly client: Pick<ChatClient, "upload" | "send" | "discard">;
  readonly state: ReadonlySignal<Pick<ChatState, "connection" | "outbox">>;
  readonly limits: ReadonlySignal<ChatState["limits"]["files"]>;
  /** Stores the attachments as a string. */
  readonly storage: { load(): string | null; save(text: string | null): void };
}

export class Attachments {
  /** Files of the new message. */
  readonly draft = signal<readonly Attachment[]>([]);
  /** A file of the new message cannot be sent. */
  readonly hasFailed = computed(() => this.draft.value.some(({ status }) => status.value.type === "failed"));
  /** Messages that are not in the room yet, oldest first. */
  readonly waiting = signal<readonly WaitingMessage[]>([]);
  /** The waiting messages as the timeline shows them. */
  readonly pending = computed(() => this.waiting.value.map(toPending));
  readonly #options: AttachmentsOptions;
  readonly #uploads: Uploads;
  readonly #stop: () => void;
  /** Another object may have the stored attachments by now. */
  #isClosed = false;
  /** Ids of the messages that are in the outbox. */
  readonly #handedOver = new Set<string>();
  /** Ids of the messages whose files were uploaded a second time. */
  readonly #renewed = new Set<string>();

  constructor(options: AttachmentsOptions) {
    this.#options = options;
    const restore = (stored: StoredAttachment) => Attachment.restored(stored, () => this.#changed());
    const { draft, waiting } = parse(options.storage.load());
    this.draft.value = draft.map(restore);
    this.waiting.value = waiting.map((message) => ({ ...message, files: message.files.map(restore) }));
    const all = (): Attachment[] => [
      ...this.waiting.peek().flatMap(({ files }) => files),
      ...this.draft.peek(),
    ];
    const { client, state } = options;
    this.#uploads = new Uploads({ client, state, all, changed: () => this.#changed() });
    this.#stop = state.subscribe(() => this.#follow());
    void dropUnusedFiles(usedKeys());
  }

  /** Files that can be added to the new message. */
  get space(): number {
    return (this.#options.limits.value?.count ?? 0) - this.draft.value.length;
  }

  /** Adds files to the new message, as many as it can have. */
  add(files: readonly File[]): void {
    const most = this.#options.limits.peek()?.bytes ?? 0;
    const added = files.slice(0, Math.max(0, this.space)).map((file) => {
      return Attachment.of(file, most, () => this.#changed());
    });
    this.draft.value = [...this.draft.peek(), ...added];
    this.#save();
  }

  /** Removes a file from the new message. */
  remove(attachment: Attachment): void {
    this.draft.value = this.draft.peek().filter((other) => other !== attachment);
    this.#save();
    this.#drop([attachment]);
  }

  /** Uploads a file again that failed. */
  retryUpload(attachment: Attachment): void {
    if (attachment.blob === null || attachment.status.peek().type !== "failed") return;
    attachment.setUploaded(null);
    this.#changed();
  }

  /** Sets the description of a file. */
  describe(attachment: Attachment, text: string): void {
    attachment.describe(text);
    this.#save();
  }

  /** Removes all files from the new message and returns them, for `send`. */
  take(): readonly Attachment[] {
    const taken = this.draft.peek();
    this.draft.value = [];
    return taken;
  }

  /** Sends a message once its files are uploaded. */
  send(text: string, reply: number | undefined, files: readonly Attachment[]): void {
    const message = { id: randomToken(), text, at: Date.now(), files, ...(reply !== undefined && { reply }) };
    this.waiting.value = [...this.waiting.peek(), message];
    this.#changed();
  }

  /** Tries again to send a message that failed. */
  retry(id: string): void {
    const message = this.#message(id);
    this.#options.client.discard(id);
    this.#handedOver.delete(id);
    for (const file of message?.files ?? []) if (file.status.peek().type === "failed") this.retryUpload(file);
    this.#changed();
  }

  /** Removes a message that is not sent. */
  discard(id: string): void {
    const message = this.#message(id);
    this.#options.client.discard(id);
    if (message !== undefined) this.#settle(message);
  }

  /** Moves the files of a message back into the new message, if it has any. Returns whether there is space for them. */
  takeBack(id: string): boolean {
    const message = this.#message(id);
    if (message === undefined) return true;
    if (message.files.length > this.space) return false;
    batch(() => {
      this.waiting.value = this.waiting.peek().filter((other) => other !== message);
      this.draft.value = [...message.files, ...this.draft.peek()];
    });
    this.#handedOver.delete(id);
    this.#save();
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
    this.#uploads.close();
    for (const file of [...this.draft.peek(), ...this.waiting.peek().flatMap(({ files }) => files)])
      file.close();
  }

  #message(id: string): WaitingMessage | undefined {
    return this.waiting.peek().find((message) => message.id === id);
  }

  /** An attachment can be uploaded, is uploaded, or failed. */
  #changed(): void {
    if (this.#isClosed) return;
    this.#save();
    this.#uploads.run();
    this.#follow();
  }

  /** Follows what became of the waiting messages in the outbox, and adds those whose files are uploaded. */
  #follow(): void {
    const { outbox } = this.#options.state.peek();
    for (const message of this.waiting.peek()) {
      const entry = outbox.find(({ id }) => id === message.id);
      if (entry !== undefined) this.#followEntry(message, entry);
      else if (this.#handedOver.has(message.id)) this.#settle(message);
      else this.#handOver(message);
    }
  }

  #followEntry(message: WaitingMessage, { status, error }: OutboxEntry): void {
    const { id, files } = message;
    this.#handedOver.add(id);
    if (status !== "failed" || error === undefined) return;
    if (error.cause === "file_used") {
      // An earlier attempt was stored.
      this.#options.client.discard(id);
      this.#settle(message);
    } else if (error.code === "not_found" && !this.#renewed.has(id)) {
      // The message waited for so long that the room has deleted its files.
      this.#renewed.add(id);
      this.#handedOver.delete(id);
      this.#options.client.discard(id);
      for (const file of files) if (file.blob !== null) file.setUploaded(null);
      this.#changed();
    }
  }

  #handOver({ id, text, reply, files }: WaitingMessage): void {
    const sent = files.flatMap((file) =>
      file.status.peek().type === "uploaded" ? (file.toSend() ?? []) : [],
    );
    if (sent.length < files.length) {
      // Uploads that the room no longer has.
      const late = files.filter((file) => file.status.peek().type === "uploaded" && file.uploadedId === null);
      for (const file of late) if (file.blob !== null) file.setUploaded(null);
      if (late.length > 0) this.#uploads.run();
      return;
    }
    this.#handedOver.add(id);
    // Their bytes need not be downloaded to be shown.
    for (const { blob, uploadedId } of files) if (blob && uploadedId) keepPicture(uploadedId, blob);
    // A rejected command stays in the outbox as failed, where `#follow` finds it.
    this.#options.client.send(text, { reply, files: sent, id }).catch(() => undefined);
  }

  /** The message is in the room, or discarded. */
  #settle(message: WaitingMessage): void {
    this.#handedOver.delete(message.id);
    this.waiting.value = this.waiting.peek().filter((other) => other !== message);
    this.#save();
    this.#drop(message.files);
  }

  #drop(files: readonly Attachment[]): void {
    for (const file of files) {
      this.#uploads.cancel(file);
      file.drop();
    }
  }

  #save(): void {
    const stored: Stored = {
      draft: this.draft.peek().map(({ stored }) => stored.peek()),
      waiting: this.waiting.peek().map((message) => ({
        ...message,
        files: message.files.map(({ stored }) => stored.peek()),
      })),
    };
    const isEmpty = stored.draft.length === 0 && stored.waiting.length === 0;
    this.#options.storage.save(isEmpty ? null : JSON.stringify(stored));
  }
}

function parse(text: string | null): Stored {
  try {
    return v.parse(Stored, JSON.parse(text ?? ""));
  } catch {
    return { draft: [], waiting: [] };
  }
}

/** Returns the keys of the files that any tab of this browser has in a draft. */
function usedKeys(): ReadonlySet<string> {
  const keys = itemNames(FILES).flatMap((name) => {
    const { draft, waiting } = parse(readItem(name));
    return [...draft, ...waiting.flatMap(({ files }) => files)].map(({ key }) => key);
  });
  return new Set(keys);
}

function toPending(message: WaitingMessage): PendingSend {
  return { ...message, files: message.files.length };
}
