/** FileUses: the files of the messages in the log, and the files that are to be deleted. */
import type { Store } from "./store.ts";

/** Deleted files that are kept in memory. */
const MAX_FORGOTTEN = 1_000;

/**
 * FileUses writes in the transactions of the log. A file belongs to one message. When its message is gone, it moves to
 * `gone_files`, and stays there until its bytes are deleted.
 */
export class FileUses {
  readonly #store: Store;
  #mayHaveGone = true;
  /** Files that were deleted lately: a message that was sent before the deletion can still name them. */
  readonly #forgotten = new Set<string>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Records the files of a message. */
  add(ids: readonly string[], seq: number): void {
    for (const id of ids) this.#store.exec("INSERT INTO files (id, seq) VALUES (?, ?)", id, seq);
  }

  /** Marks files for deletion: their message is gone. */
  drop(ids: readonly string[]): void {
    this.#mayHaveGone = true;
    for (const id of ids) {
      this.#store.exec("INSERT OR IGNORE INTO gone_files SELECT id FROM files WHERE id = ?", id);
      this.#store.exec("DELETE FROM files WHERE id = ?", id);
    }
  }

  /** Marks the files of all messages up to a seq for deletion. */
  dropUpTo(seq: number): void {
    this.#mayHaveGone = true;
    this.#store.exec("INSERT OR IGNORE INTO gone_files SELECT id FROM files WHERE seq <= ?", seq);
    this.#store.exec("DELETE FROM files WHERE seq <= ?", seq);
  }

  /** Whether a file belongs to a message, or belonged to a message lately. */
  isUsed(id: string): boolean {
    return this.#forgotten.has(id) || this.#has("files", id) || this.#has("gone_files", id);
  }

  /** Returns the files of `ids` that belong to a message. */
  used(ids: readonly string[]): string[] {
    return ids.filter((id) => this.#has("files", id));
  }

  /** Whether there are files that are to be deleted. */
  get hasGone(): boolean {
    return this.gone(1).length > 0;
  }

  /** Returns files that are to be deleted, at most `limit`. */
  gone(limit: number): string[] {
    if (!this.#mayHaveGone) return [];
    const ids = Array.from(this.#store.exec("SELECT id FROM gone_files LIMIT ?", limit), ({ id }) =>
      String(id),
    );
    if (ids.length === 0) this.#mayHaveGone = false;
    return ids;
  }

  /** Records that the bytes of these files are deleted. */
  forget(ids: readonly string[]): void {
    for (const id of ids) {
      this.#store.exec("DELETE FROM gone_files WHERE id = ?", id);
      this.#forgotten.add(id);
    }
    for (const id of this.#forgotten) {
      if (this.#forgotten.size <= MAX_FORGOTTEN) break;
      this.#forgotten.delete(id);
    }
  }

  #has(table: "files" | "gone_files", id: string): boolean {
    const [row] = this.#store.exec(`SELECT 1 FROM ${table} WHERE id = ?`, id);
    return row !== undefined;
  }
}
