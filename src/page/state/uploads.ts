/** Uploads sends files to the room: two at a time, and again after failures that pass. */
import type { ReadonlySignal } from "@preact/signals";
import { type ChatClient, ChatError, type ChatState } from "../../client/index.ts";
import type { Attachment } from "./attachment.ts";

/** Uploads at the same time. */
const PARALLEL = 2;
/** An upload that sends nothing for this time has lost its connection, ms. */
const STALLED_MS = 30_000;
/** Wait after a failure that passes, ms: doubled with each in a row. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export interface UploadsOptions {
  readonly client: Pick<ChatClient, "upload">;
  readonly state: ReadonlySignal<Pick<ChatState, "connection">>;
  /** Returns the attachments in the order in which they are uploaded. */
  readonly all: () => readonly Attachment[];
  /** An attachment was uploaded, or failed. */
  readonly changed: () => void;
}

export class Uploads {
  readonly #options: UploadsOptions;
  readonly #running = new Map<Attachment, AbortController>();
  readonly #stop: () => void;
  /** Failures that pass, in a row. */
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isPaused = false;

  constructor(options: UploadsOptions) {
    this.#options = options;
    let wasOnline = false;
    this.#stop = options.state.subscribe(({ connection }) => {
      const isOnline = connection === "online";
      // A new connection: there is no reason to wait any longer.
      if (isOnline && !wasOnline) this.#resume();
      wasOnline = isOnline;
    });
  }

  /** Starts the uploads that can start now. Call when an attachment begins to wait. */
  run(): void {
    if (this.#isPaused || this.#options.state.peek().connection !== "online") return;
    for (const attachment of this.#options.all()) {
      if (this.#running.size >= PARALLEL) return;
      if (attachment.status.peek().type === "waiting") void this.#upload(attachment);
    }
  }

  /** Ends the upload of an attachment that is removed. */
  cancel(attachment: Attachment): void {
    this.#running.get(attachment)?.abort();
  }

  close(): void {
    this.#stop();
    clearTimeout(this.#timer);
    this.#isPaused = true;
    for (const request of this.#running.values()) request.abort();
  }

  async #upload(attachment: Attachment): Promise<void> {
    const { blob, stored, status } = attachment;
    if (blob === null) return;
    const request = new AbortController();
    const { signal } = request;
    this.#running.set(attachment, request);
    status.value = { type: "uploading", share: 0 };
    const stalled = (): void => request.abort(new ChatError("unreachable", "the upload has stalled"));
    let watch = setTimeout(stalled, STALLED_MS);
    const onProgress = (sent: number, total: number): void => {
      clearTimeout(watch);
      watch = setTimeout(stalled, STALLED_MS);
      if (!signal.aborted) status.value = { type: "uploading", share: total > 0 ? sent / total : 0 };
    };
    try {
      const { name } = stored.peek();
      const { id } = await this.#options.client.upload(blob, { name, signal, onProgress });
      this.#failures = 0;
      attachment.setUploaded(id);
    } catch (error) {
      this.#failed(attachment, error);
    } finally {
      clearTimeout(watch);
      this.#running.delete(attachment);
    }
    this.#options.changed();
    this.run();
  }

  #failed({ status }: Attachment, error: unknown): void {
    if (!(error instanceof ChatError) || error.code === "closed") {
      status.value = { type: "waiting" };
      return;
    }
    const passes = ["unreachable", "internal", "rate_limited"].includes(error.code);
    if (!passes) {
      status.value = { type: "failed", error };
      return;
    }
    status.value = { type: "waiting" };
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#isPaused = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#resume(), error.retryAfter ?? wait);
  }

  #resume(): void {
    clearTimeout(this.#timer);
    this.#isPaused = false;
    this.run();
  }
}
