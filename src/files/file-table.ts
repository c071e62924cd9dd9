/** File table: what is known of each file, in SQLite, and how long it is kept. */

export type SqlValue = string | number | null | ArrayBuffer;

/** SqlStore is the part of a Durable Object's storage that files use. */
export interface SqlStore {
  exec(query: string, ...bindings: (SqlValue | Uint8Array)[]): Iterable<Record<string, SqlValue>>;
  transaction<T>(work: () => T): T;
}

/** FileRecord is what is known of a file. */
export interface FileRecord {
  readonly id: string;
  /** User id of the uploader. */
  readonly user: string;
  /** Media type. */
  readonly type: string;
  readonly bytes: number;
  readonly name?: string;
  /** Size of a picture as it is shown, in pixels. */
  readonly w?: number;
  readonly h?: number;
  /** Origin of the address at which the file was uploaded. */
  readonly origin: string;
}

/** An hour in which the uploads of an address are counted. */
const HOUR_MS = 3_600_000;

/**
 * FileTable keeps one row for each file. A file passes three states: being written, stored, and being deleted. Only a
 * stored one is found. `expires` (Unix ms) is when it is deleted unless a message keeps it; NULL: a message keeps it.
 * A room without uploads stores nothing.
 */
export class FileTable {
  readonly #store: SqlStore;
  #isStored: boolean;
  /** Bytes by user, read when first needed. */
  #usage: Map<string, number> | null = null;

  constructor(store: SqlStore) {
    this.#store = store;
    const [table] = store.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'files'");
    this.#isStored = table !== undefined;
  }

  /** Adds a file that is being written. It is deleted at `expires` if it does not get further. */
  add(file: FileRecord, network: string, now: number, expires: number): void {
    this.#create();
    const { id, user, type, bytes, name = null, w = null, h = null, origin } = file;
    this.#store.transaction(() => {
      this.#store.exec(
        "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        ...[id, user, type, bytes, name, w, h, origin, expires],
      );
      if (network === "") return;
      const hour = Math.floor(now / HOUR_MS);
      this.#store.exec("DELETE FROM uploads WHERE hour <> ?", hour);
      this.#store.exec(
        "INSERT INTO uploads VALUES (?1, ?2, ?3) ON CONFLICT (network) DO UPDATE SET bytes = bytes + ?3",
        ...[network, hour, bytes],
      );
    });
    this.#count(user, bytes);
  }

  /** The bytes of a file are written. */
  stored(id: string): void {
    this.#store.exec("UPDATE files SET stored = 1 WHERE id = ?", id);
  }

  find(id: string): FileRecord | null {
    if (!this.#isStored) return null;
    for (const row of this.#store.exec("SELECT * FROM files WHERE id = ? AND stored = 1", id))
      return toRecord(row);
    return null;
  }

  /** Moves the end of a file that no message keeps yet. */
  extend(id: string, expires: number): void {
    this.#store.exec("UPDATE files SET expires = ? WHERE id = ? AND expires IS NOT NULL", expires, id);
  }

  /** A message keeps these files. */
  keep(ids: readonly string[]): void {
    if (!this.#isStored) return;
    for (const id of ids)
      this.#store.exec(
        "UPDATE files SET expires = NULL WHERE id = ? AND stored = 1 AND expires IS NOT NULL",
        id,
      );
  }

  /** Files that are no longer found, and are deleted once their bytes are. */
  hide(ids: readonly string[], now: number): void {
    if (!this.#isStored) return;
    for (const id of ids) this.#store.exec("UPDATE files SET stored = 0, expires = ? WHERE id = ?", now, id);
  }

  /** Deletes files whose bytes are deleted. */
  delete(ids: readonly string[]): void {
    if (!this.#isStored) return;
    for (const id of ids) this.#store.exec("DELETE FROM files WHERE id = ?", id);
    this.#usage = null;
  }

  /** Returns the ids of the files that expired, and whether a message may keep them. */
  expired(now: number, limit: number): { readonly id: string; readonly isStored: boolean }[] {
    if (!this.#isStored) return [];
    const query = "SELECT id, stored FROM files WHERE expires <= ? LIMIT ?";
    return Array.from(this.#store.exec(query, now, limit), ({ id, stored }) => ({
      id: String(id),
      isStored: stored === 1,
    }));
  }

  /** Time when the next file expires, Unix ms, or `null`. */
  get nextExpiry(): number | null {
    if (!this.#isStored) return null;
    const [row] = this.#store.exec("SELECT MIN(expires) AS at FROM files");
    return typeof row?.at === "number" ? row.at : null;
  }

  /** Bytes of all files, or of those of one user. */
  bytesOf(user?: string): number {
    const usage = this.#loadUsage();
    if (user !== undefined) return usage.get(user) ?? 0;
    return [...usage.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Bytes that a network uploaded in this hour. */
  uploadedBy(network: string, now: number): number {
    if (!this.#isStored) return 0;
    const query = "SELECT bytes FROM uploads WHERE network = ? AND hour = ?";
    const [row] = this.#store.exec(query, network, Math.floor(now / HOUR_MS));
    return Number(row?.bytes ?? 0);
  }

  #loadUsage(): Map<string, number> {
    if (this.#usage !== null) return this.#usage;
    const usage = new Map<string, number>();
    if (this.#isStored) {
      for (const { user, bytes } of this.#store.exec(
        "SELECT user, SUM(bytes) AS bytes FROM files GROUP BY user",
      ))
        usage.set(String(user), Number(bytes));
    }
    this.#usage = usage;
    return usage;
  }

  #count(user: string, bytes: number): void {
    this.#usage?.set(user, (this.#usage.get(user) ?? 0) + bytes);
  }

  #create(): void {
    if (this.#isStored) return;
    this.#store.exec(
      `CREATE TABLE IF NOT EXISTS files (
         id TEXT PRIMARY KEY, user TEXT NOT NULL, type TEXT NOT NULL, bytes INTEGER NOT NULL,
         name TEXT, w INTEGER, h INTEGER, origin TEXT NOT NULL, expires INTEGER, stored INTEGER NOT NULL) WITHOUT ROWID`,
    );
    this.#store.exec(
      `CREATE TABLE IF NOT EXISTS uploads (
         network TEXT PRIMARY KEY, hour INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID`,
    );
    this.#isStored = true;
  }
}

function toRecord(row: Record<string, SqlValue>): FileRecord {
  const { name, w, h } = row;
  return {
    ...{ id: String(row.id), user: String(row.user), type: String(row.type), bytes: Number(row.bytes) },
    ...(typeof name === "string" && { name }),
    ...(typeof w === "number" && typeof h === "number" && { w, h }),
    origin: String(row.origin),
  };
}
