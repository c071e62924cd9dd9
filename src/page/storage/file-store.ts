/**
 * Files of messages that are not sent yet, in IndexedDB by key. Never rejects: where there is no IndexedDB, or it is
 * full, files live as long as the page.
 */
const DATABASE = "edge-chat";
const STORE = "files";
/** A file that no draft names is removed after this time, ms: a tab may be about to name a younger one. */
const UNUSED_MS = 3_600_000;

interface StoredFile {
  readonly key: string;
  /** Unix ms. */
  readonly at: number;
  /** Not a Blob: not every browser can store one. */
  readonly bytes: ArrayBuffer;
  readonly type: string;
}

const fallback = new Map<string, Blob>();
let opening: Promise<IDBDatabase> | null = null;

/** Stores `blob` under `key`. */
export async function keepFile(key: string, blob: Blob): Promise<void> {
  const file: StoredFile = { key, at: Date.now(), bytes: await blob.arrayBuffer(), type: blob.type };
  try {
    await inStore("readwrite", (store) => store.put(file));
  } catch {
    fallback.set(key, blob);
  }
}

/** Returns the file stored under `key`, or `null`. */
export async function keptFile(key: string): Promise<Blob | null> {
  const known = fallback.get(key);
  if (known !== undefined) return known;
  try {
    const file = await inStore<StoredFile | undefined>("readonly", (store) => store.get(key));
    return file === undefined ? null : new Blob([file.bytes], { type: file.type });
  } catch {
    return null;
  }
}

/** Removes the files stored under `keys`. */
export async function dropFiles(keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    fallback.delete(key);
    await inStore("readwrite", (store) => store.delete(key)).catch(() => undefined);
  }
}

/** Removes the files that no draft names any more. `used` has the keys that drafts name. */
export async function dropUnusedFiles(used: ReadonlySet<string>): Promise<void> {
  try {
    const keys = await inStore("readonly", (store) => store.getAllKeys());
    const old: string[] = [];
    for (const key of keys) {
      if (typeof key !== "string" || used.has(key)) continue;
      const file = await inStore<StoredFile | undefined>("readonly", (store) => store.get(key));
      if (file !== undefined && file.at < Date.now() - UNUSED_MS) old.push(key);
    }
    await dropFiles(old);
  } catch {
    // Nothing is stored.
  }
}

async function inStore<T>(
  mode: IDBTransactionMode,
  request: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  const transaction = database.transaction(STORE, mode);
  const result = request(transaction.objectStore(STORE));
  return new Promise((done, fail) => {
    transaction.oncomplete = () => done(result.result);
    transaction.onabort = () => fail(transaction.error);
  });
}

function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((done, fail) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => {
      // The user removed the site's data.
      request.result.onclose = () => {
        opening = null;
      };
      done(request.result);
    };
    request.onerror = () => fail(request.error);
    request.onblocked = () => fail(new Error("the database is blocked"));
  }).catch((error: unknown) => {
    opening = null;
    throw error;
  });
  return opening;
}
