/** Uploads: reads bodies into memory, few at once. */
import { accept, MAX_FILE_BYTES, type Result, reject } from "../protocol/index.ts";

/** Bytes of unfinished uploads in one room. A Durable Object has 128 MB, and an inspection takes as much again. */
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;
/** Unfinished uploads of one network address, and of a room. */
const MAX_PER_NETWORK = 8;
const MAX_UPLOADS = 32;
const BUSY_RETRY_MS = 1_000;
/** Time for one upload. */
const TIMEOUT_MS = 120_000;
/** Bytes of a rejected upload that are read, so that its client reads the answer and not a broken connection. */
const MAX_DISCARDED_BYTES = 4 * MAX_FILE_BYTES;

const TOO_LONG = reject("too_long", `the file is over ${MAX_FILE_BYTES} bytes`);

export class Uploads {
  #buffered = 0;
  #count = 0;
  readonly #byNetwork = new Map<string, number>();

  /**
   * Reads a body of at most 8 MiB.
   *
   * @param network - of the client, `""` if it is not known
   */
  async read(body: ReadableStream<Uint8Array>, network: string): Promise<Result<Uint8Array<ArrayBuffer>>> {
    const ofNetwork = this.#byNetwork.get(network) ?? 0;
    if (this.#count >= MAX_UPLOADS || (network !== "" && ofNetwork >= MAX_PER_NETWORK)) {
      await discard(body);
      return busy();
    }
    this.#count += 1;
    this.#byNetwork.set(network, ofNetwork + 1);
    const reader = body.getReader();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      void reader.cancel("the upload took too long");
    }, TIMEOUT_MS);
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (isLate) return reject("rate_limited", "the upload took too long", BUSY_RETRY_MS);
        if (done) return accept(joined(chunks, length));
        length += value.length;
        this.#buffered += value.length;
        chunks.push(value);
        const error =
          length > MAX_FILE_BYTES ? TOO_LONG : this.#buffered > MAX_BUFFERED_BYTES ? busy() : null;
        if (error === null) continue;
        chunks.length = 0;
        reader.releaseLock();
        await discard(body);
        return error;
      }
    } finally {
      clearTimeout(timer);
      this.#buffered -= length;
      this.#count -= 1;
      const left = (this.#byNetwork.get(network) ?? 1) - 1;
      if (left === 0) this.#byNetwork.delete(network);
      else this.#byNetwork.set(network, left);
    }
  }
}

/** Reads the body of a rejected upload to its end, or as far as a correct client sends. */
export async function discard(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  try {
    let left = MAX_DISCARDED_BYTES;
    while (left > 0) {
      const { value, done } = await reader.read();
      if (done) return;
      left -= value.length;
    }
    await reader.cancel("the upload is too long");
  } catch {
    // The client closed the connection.
  }
}

function busy(): Result<never> {
  return reject("rate_limited", "too many uploads at once: try again in a second", BUSY_RETRY_MS);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
