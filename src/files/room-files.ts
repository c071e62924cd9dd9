/** RoomFiles: the Durable Object of one room's files. It keeps bytes away from the thread of the room itself. */
import { DurableObject } from "cloudflare:workers";
import { randomBytes } from "node:crypto";
import {
  accept,
  type CommandError,
  type FileInfo,
  filePath,
  type Result,
  reject,
  UPLOAD_EXPIRY_MS,
} from "../protocol/index.ts";
import { type BlobStore, R2Blobs, SqlBlobs } from "./blob-store.ts";
import { type Quotas, type QuotaVariables, quotasFrom } from "./config.ts";
import { cleanFileName } from "./file-name.ts";
import { type FileRecord, FileTable } from "./file-table.ts";
import { inspect } from "./inspect.ts";
import { type FileRequest, fileResponse } from "./response.ts";
import { discard, Uploads } from "./uploads.ts";

/** FilesEnv has the bindings that files use. */
interface FilesEnv extends QuotaVariables, Pick<Env, "ROOMS"> {
  /** Where the bytes are kept, if not in the database of each object. */
  readonly FILES_BUCKET?: R2Bucket;
}

/** Caller is who makes a request. */
export interface Caller {
  /** As in `networkOf`; `""` if it is not known. */
  readonly network: string;
  readonly key?: string | undefined;
  /** Proof of the room's password. */
  readonly password?: string | undefined;
}

/** UploadRequest is what the request of an upload states beside its body. */
export interface UploadRequest {
  readonly caller: Caller;
  /** Name of the file as its uploader wrote it. */
  readonly name: string;
  /** Content type that the client states. */
  readonly hint: string;
  /** Origin of the address that the client used. */
  readonly origin: string;
}

/** UploadedFile is a file as its uploader learns of it. */
export type UploadedFile = Omit<FileInfo, "alt" | "blur">;

/** Download is the answer to a request for a file. */
export interface Download {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Time for which a room that anyone may read is not asked again. */
const OPEN_MS = 5_000;
/** Files that one alarm deletes. */
const MAX_EXPIRED = 200;
/** Time until a deletion that failed is tried again. */
const RETRY_MS = 20_000;

export class RoomFiles extends DurableObject<FilesEnv> {
  readonly #name: string;
  readonly #files: FileTable;
  readonly #blobs: BlobStore;
  readonly #quotas: Quotas;
  readonly #uploads = new Uploads();
  /** Time until which anyone may read, Unix ms. */
  #openUntil = 0;
  /** Time of the alarm, Unix ms, or `null`. */
  #alarmAt: number | null = null;

  constructor(ctx: DurableObjectState, env: FilesEnv) {
    super(ctx, env);
    this.#name = ctx.id.name ?? "";
    const { sql } = ctx.storage;
    const store = {
      exec: (query: string, ...bindings: (ArrayBuffer | Uint8Array | string | number | null)[]) =>
        sql.exec(query, ...bindings),
      transaction: <T>(work: () => T) => ctx.storage.transactionSync(work),
    };
    this.#files = new FileTable(store);
    const bucket = env.FILES_BUCKET;
    this.#blobs = bucket === undefined ? new SqlBlobs(store) : new R2Blobs(bucket, ctx.id.toString());
    this.#quotas = quotasFrom(env, (reason) => this.#report("bad configuration", reason));
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = await ctx.storage.getAlarm();
    });
  }

  /** Stores the bytes of a file until a message names it, for an hour. */
  async upload(body: ReadableStream<Uint8Array>, request: UploadRequest): Promise<Result<UploadedFile>> {
    const allowed = await this.#room.mayUpload(request.caller);
    if (!allowed.ok) {
      await discard(body);
      return allowed;
    }
    const { user, network } = allowed.value;
    const full = this.#overQuota(user, network, 1);
    if (full !== null) {
      await discard(body);
      return { ok: false, error: full };
    }
    const read = await this.#uploads.read(body, network);
    if (!read.ok) return read;
    if (read.value.length === 0) return reject("bad_request", "the file is empty");
    const inspected = inspect(read.value, request.hint);
    if (!inspected.ok) return inspected;
    const { type, bytes, w, h } = inspected.value;
    const error = this.#overQuota(user, network, bytes.length);
    if (error !== null) return { ok: false, error };
    const name = cleanFileName(request.name, type);
    const file: FileRecord = {
      ...{ id: randomBytes(16).toString("base64url"), user, type, bytes: bytes.length },
      ...(name !== undefined && { name }),
      ...(w !== undefined && h !== undefined && { w, h }),
      origin: request.origin,
    };
    await this.#store(file, bytes, network);
    return accept(infoOf(file));
  }

  /** Returns a file, if the caller may read the room. */
  async download(id: string, caller: Caller, request: FileRequest): Promise<Result<Download>> {
    const file = this.#files.find(id);
    if (file === null) return reject("not_found", "there is no such file");
    if (Date.now() >= this.#openUntil) {
      const allowed = await this.#room.mayRead(caller);
      if (!allowed.ok) return allowed;
      if (allowed.value.forAll) this.#openUntil = Date.now() + OPEN_MS;
    }
    const { status, headers, range } = fileResponse(file, request);
    return accept({ status, headers, body: range === null ? null : this.#blobs.read(id, range) });
  }

  /** Returns the bytes of a file for an export, or `null` if there is no such file. Only for a caller who began one. */
  exported(id: string): ReadableStream<Uint8Array> | null {
    const file = this.#files.find(id);
    return file === null ? null : this.#blobs.read(id, { offset: 0, length: file.bytes });
  }

  /**
   * Returns files with their addresses for a message of `user`, or `null` if one of them does not exist or is another
   * user's. They do not expire within the next hour.
   */
  describe(ids: readonly string[], user: string): (UploadedFile & { readonly address: string })[] | null {
    const files = ids.map((id) => this.#files.find(id)).filter((file) => file?.user === user);
    const found = files.filter((file) => file !== null);
    if (found.length < ids.length) return null;
    for (const { id } of found) this.#files.extend(id, Date.now() + UPLOAD_EXPIRY_MS);
    return found.map((file) => ({
      ...infoOf(file),
      address: new URL(filePath(this.#name, file.id), file.origin).href,
    }));
  }

  /** Messages have these files now: they do not expire. */
  keep(ids: readonly string[]): void {
    this.#files.keep(ids);
  }

  /** Deletes files. Resolves when their bytes are gone. */
  async remove(ids: readonly string[]): Promise<void> {
    const now = Date.now();
    this.#files.hide(ids, now);
    const deleted = this.#blobs.delete(ids);
    if (deleted !== undefined) {
      // If it fails, the alarm deletes them.
      this.#wakeAt(now + RETRY_MS);
      await deleted;
    }
    this.#files.delete(ids);
  }

  /** Deletes what no message names. A file whose `keep` was lost is kept. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    try {
      const expired = this.#files.expired(Date.now(), MAX_EXPIRED);
      const stored = expired.filter(({ isStored }) => isStored).map(({ id }) => id);
      const used: readonly string[] = stored.length === 0 ? [] : await this.#room.usedFiles(stored);
      this.#files.keep(used);
      await this.remove(expired.map(({ id }) => id).filter((id) => !used.includes(id)));
      const next = this.#files.nextExpiry;
      if (next !== null) this.#wakeAt(next);
    } catch (error) {
      this.#report("expired files could not be deleted", String(error));
      this.#wakeAt(Date.now() + RETRY_MS);
    }
  }

  async #store(file: FileRecord, bytes: Uint8Array<ArrayBuffer>, network: string): Promise<void> {
    const now = Date.now();
    this.#files.add(file, network, now, now + UPLOAD_EXPIRY_MS);
    this.#wakeAt(now + UPLOAD_EXPIRY_MS);
    await this.#blobs.put(file.id, bytes);
    this.#files.stored(file.id);
  }

  /** Sets the alarm. An earlier one stays: it sets the next one. */
  #wakeAt(at: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= at) return;
    this.#alarmAt = at;
    void this.ctx.storage.setAlarm(at);
  }

  /** Returns which quota `bytes` more would exceed, or `null`. */
  #overQuota(user: string, network: string, bytes: number): CommandError | null {
    const limits = [
      ["room", this.#quotas.room, this.#files.bytesOf()],
      ["user", this.#quotas.user, this.#files.bytesOf(user)],
      ["address", this.#quotas.address, network === "" ? 0 : this.#files.uploadedBy(network, Date.now())],
    ] as const;
    for (const [owner, limit, used] of limits) {
      if (used + bytes <= limit) continue;
      const mib = `${limit / (1024 * 1024)} MiB`;
      const message = `the files of this ${owner} take ${mib}${owner === "address" ? " an hour" : ""} at most`;
      return { code: "forbidden", message, cause: "quota" };
    }
    return null;
  }

  get #room() {
    return this.env.ROOMS.getByName(this.#name);
  }

  #report(event: string, reason: string): void {
    console.error(JSON.stringify({ event, reason, files: this.ctx.id.toString() }));
  }
}

function infoOf({ user: _1, origin: _2, ...info }: FileRecord): UploadedFile {
  return info;
}
