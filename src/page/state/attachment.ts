/** Attachment is one file of a message that is being written or waits to be sent. */
import { type Signal, signal } from "@preact/signals";
import * as v from "valibot";
import type { ChatError, SendFile } from "../../client/index.ts";
import { MAX_ALT_BYTES } from "../../protocol/limits.ts";
import { type Prepared, prepare, UnreadableError } from "../pictures/prepare.ts";
import { dropFiles, keepFile, keptFile } from "../storage/file-store.ts";
import { randomToken } from "../storage/settings.ts";

/** The room keeps an upload for an hour. One that is older than this is sent anew, ms. */
const UPLOAD_MS = 50 * 60_000;

/** What is stored of an attachment, besides its bytes. */
export const StoredAttachment = v.object({
  /** Key of the bytes in the file store. */
  key: v.string(),
  name: v.string(),
  type: v.string(),
  bytes: v.number(),
  picture: v.exactOptional(v.object({ w: v.number(), h: v.number(), blur: v.string() })),
  alt: v.exactOptional(v.string()),
  /** Id of the uploaded file, and the time of the upload, Unix ms. */
  uploaded: v.exactOptional(v.object({ id: v.string(), at: v.number() })),
});
export type StoredAttachment = v.InferOutput<typeof StoredAttachment>;

/**
 * Why a file cannot be sent: the room's error, or `unreadable` (it looks like a picture and is none), `lost` (it is no
 * longer stored in this browser) or `too_long`.
 */
export type AttachmentError = "unreadable" | "lost" | "too_long" | ChatError;

export type AttachmentStatus =
  | { readonly type: "preparing" }
  /** It waits for its turn, or for the connection. */
  | { readonly type: "waiting" }
  /** `share` is what is sent, from 0 to 1. */
  | { readonly type: "uploading"; readonly share: number }
  | { readonly type: "uploaded" }
  | { readonly type: "failed"; readonly error: AttachmentError };

export class Attachment {
  readonly status: Signal<AttachmentStatus> = signal({ type: "preparing" });
  /** Description of a picture, as it is typed. */
  readonly alt = signal("");
  readonly stored: Signal<StoredAttachment>;
  /** Address of the picture in this browser, or `null`. */
  readonly preview = signal<string | null>(null);
  /** The bytes to upload, once they are prepared. */
  blob: Blob | null = null;
  #isClosed = false;
  #isDropped = false;

  constructor(stored: StoredAttachment) {
    this.stored = signal(stored);
    this.alt.value = stored.alt ?? "";
  }

  /** Returns the attachment of a chosen file. `prepared` is called once it can be uploaded, or cannot. */
  static of(file: File, most: number, prepared: () => void): Attachment {
    const { name, type, size: bytes } = file;
    const key = `${Date.now().toString(36)}-${randomToken()}`;
    const attachment = new Attachment({ key, name, type, bytes });
    void attachment.#prepare(file, most).then(prepared);
    return attachment;
  }

  /** Returns an attachment of an earlier visit. `loaded` is called once its bytes are there, or found to be lost. */
  static restored(stored: StoredAttachment, loaded: () => void): Attachment {
    const attachment = new Attachment(stored);
    void attachment.#restore().then(loaded);
    return attachment;
  }

  /** The id of the uploaded file, or `null` if it is not uploaded or the room may have deleted it. */
  get uploadedId(): string | null {
    const { uploaded } = this.stored.peek();
    return uploaded !== undefined && Date.now() - uploaded.at < UPLOAD_MS ? uploaded.id : null;
  }

  get isPicture(): boolean {
    return this.stored.value.picture !== undefined;
  }

  /** Sets the id of the uploaded file; `null` if it must be uploaded again. */
  setUploaded(id: string | null): void {
    const { uploaded: _, ...rest } = this.stored.peek();
    this.stored.value = id === null ? rest : { ...rest, uploaded: { id, at: Date.now() } };
    this.status.value = { type: id === null ? "waiting" : "uploaded" };
  }

  /** Sets the description. */
  describe(text: string): void {
    this.alt.value = text;
    const { alt: _, ...rest } = this.stored.peek();
    const alt = cleanAlt(text);
    this.stored.value = alt === "" ? rest : { ...rest, alt };
  }

  /** Returns the file as the command names it, or `null` if it is not uploaded. */
  toSend(): SendFile | null {
    const { alt, picture } = this.stored.peek();
    const id = this.uploadedId;
    return id === null ? null : { id, alt, blur: picture?.blur };
  }

  /** Removes the bytes: the file is sent, or removed from its message. */
  drop(): void {
    this.#isDropped = true;
    this.close();
    void dropFiles([this.stored.peek().key]);
  }

  /** Frees the memory of the preview. */
  close(): void {
    this.#isClosed = true;
    if (this.preview.peek() !== null) URL.revokeObjectURL(this.preview.peek() ?? "");
    this.preview.value = null;
  }

  async #prepare(file: File, most: number): Promise<void> {
    try {
      const prepared = await prepare(file);
      if (prepared.blob.size > most) this.#fail("too_long");
      else await this.#take(prepared);
    } catch (error) {
      this.#fail(error instanceof UnreadableError ? "unreadable" : "lost");
    }
  }

  async #take({ blob, name, picture }: Prepared): Promise<void> {
    const { key } = this.stored.peek();
    const stored = { key, name, type: blob.type, bytes: blob.size };
    this.stored.value = { ...this.stored.peek(), ...stored, ...(picture && { picture }) };
    this.#show(blob);
    await keepFile(key, blob);
    if (this.#isDropped) void dropFiles([key]);
    else this.status.value = { type: "waiting" };
  }

  async #restore(): Promise<void> {
    const blob = await keptFile(this.stored.peek().key);
    if (blob !== null) this.#show(blob);
    const isUploaded = this.uploadedId !== null;
    if (blob === null && !isUploaded) this.#fail("lost");
    else this.status.value = { type: isUploaded ? "uploaded" : "waiting" };
  }

  #show(blob: Blob): void {
    this.blob = blob;
    if (this.isPicture && !this.#isClosed) this.preview.value = URL.createObjectURL(blob);
  }

  #fail(error: AttachmentError): void {
    this.status.value = { type: "failed", error };
  }
}

/** Returns a description as the room accepts it: one line of limited length. */
export function cleanAlt(text: string): string {
  let alt = text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[\u202A-\u202E\u2066-\u2069]/g, "")
    .trim();
  while (new TextEncoder().encode(alt).length > MAX_ALT_BYTES) alt = [...alt].slice(0, -1).join("");
  return alt;
}
