/** Blob stores: where the bytes of files are. */
import type { SqlStore } from "./file-table.ts";
import type { Range } from "./range.ts";

/** BlobStore keeps bytes by the id of their file. */
export interface BlobStore {
  /** Resolves when the bytes are written; `undefined`: in the same transaction as what was written before. */
  put(id: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined;
  /** Returns a range of the bytes of a file. The stream fails if they are deleted while it is read. */
  read(id: string, range: Range): ReadableStream<Uint8Array>;
  /** Deletes the bytes of files, those that exist. It returns as `put` does. */
  delete(ids: readonly string[]): Promise<void> | undefined;
}

/** A row of SQLite in a Durable Object has 2 MB at most. */
const CHUNK_BYTES = 1024 * 1024;

/** SqlBlobs keeps bytes in the database of its Durable Object, in chunks. */
export class SqlBlobs implements BlobStore {
  readonly #store: SqlStore;

  constructor(store: SqlStore) {
    this.#store = store;
  }

  put(id: string, bytes: Uint8Array<ArrayBuffer>): undefined {
    this.#store.transaction(() => {
      this.#store.exec(
        `CREATE TABLE IF NOT EXISTS chunks (
           file TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (file, part)) WITHOUT ROWID`,
      );
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        const chunk = bytes.subarray(at, at + CHUNK_BYTES);
        this.#store.exec("INSERT INTO chunks VALUES (?, ?, ?)", id, at / CHUNK_BYTES, chunk);
      }
    });
  }

  read(id: string, { offset, length }: Range): ReadableStream<Uint8Array> {
    let at = offset;
    const end = offset + length;
    return new ReadableStream({
      type: "bytes",
      pull: (controller) => {
        const part = Math.floor(at / CHUNK_BYTES);
        const chunk = this.#chunk(id, part);
        if (chunk === null) {
          controller.error(new Error("the file was deleted"));
          return;
        }
        const start = at - part * CHUNK_BYTES;
        const piece = new Uint8Array(chunk, start, Math.min(chunk.byteLength - start, end - at));
        at += piece.length;
        controller.enqueue(piece);
        if (at >= end) controller.close();
      },
    });
  }

  delete(ids: readonly string[]): undefined {
    for (const id of ids) {
      // SQLite leaves the content of deleted rows in its file, and overwrites a value of the same size in place.
      this.#store.exec("UPDATE chunks SET bytes = zeroblob(length(bytes)) WHERE file = ?", id);
      this.#store.exec("DELETE FROM chunks WHERE file = ?", id);
    }
  }

  #chunk(id: string, part: number): ArrayBuffer | null {
    const [row] = this.#store.exec("SELECT bytes FROM chunks WHERE file = ? AND part = ?", id, part);
    return row?.bytes instanceof ArrayBuffer ? row.bytes : null;
  }
}

/** R2Blobs keeps bytes in an R2 bucket that the rooms share. */
export class R2Blobs implements BlobStore {
  readonly #bucket: R2Bucket;
  readonly #prefix: string;

  /** @param room - id of the Durable Object, which no other room has */
  constructor(bucket: R2Bucket, room: string) {
    this.#bucket = bucket;
    this.#prefix = `${room}/`;
  }

  async put(id: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#bucket.put(this.#prefix + id, bytes);
  }

  read(id: string, range: Range): ReadableStream<Uint8Array> {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    void this.#pipe(id, range, writable);
    return readable;
  }

  async delete(ids: readonly string[]): Promise<void> {
    await this.#bucket.delete(ids.map((id) => this.#prefix + id));
  }

  async #pipe(id: string, range: Range, writable: WritableStream<Uint8Array>): Promise<void> {
    try {
      const object = await this.#bucket.get(this.#prefix + id, { range });
      if (object === null) throw new Error("the file was deleted");
      await object.body.pipeTo(writable);
    } catch (error) {
      await writable.abort(error).catch(() => {});
    }
  }
}
