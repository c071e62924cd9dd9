/** Files: uploads and downloads over HTTP. Loaded when the first one starts. */
import * as v from "valibot";
import { FileInfo } from "../protocol/files.ts";
import { parseServerLine, type WelcomeLine } from "../protocol/server-lines.ts";
import { ChatError, chatError } from "./chat-error.ts";
import { apiHeaders, apiUrl, type Secrets } from "./http-api.ts";
import type { CallOptions } from "./options.ts";
import { type BlobLike, deferred, type FetchLike, systemXhr, type XhrConstructor } from "./platform.ts";

/** FileBody is what `upload` takes: a Blob, a File or bytes. */
export type FileBody = BlobLike | Uint8Array | ArrayBuffer;

/** UploadOptions are the options of `upload`. */
export interface UploadOptions extends CallOptions {
  /** Name of the downloaded file; default: the name of a File. */
  readonly name?: string | undefined;
  /** Called with the bytes sent so far, where the platform reports them: in browsers. */
  readonly onProgress?: ((sent: number, total: number) => void) | undefined;
}

const UploadedFile = v.omit(FileInfo, ["alt", "blur"]);

/** UploadedFile is a file that the room holds for its message. */
export type UploadedFile = Readonly<v.InferOutput<typeof UploadedFile>>;

/** FileContext is what uploads and downloads need of the client. */
export interface FileContext {
  /** URL of the room's socket. */
  readonly url: string;
  readonly fetch: FetchLike | null;
  readonly secrets: Secrets;
  readonly limits: WelcomeLine["limits"];
}

/** Answer is the part of an HTTP response that is read. */
interface Answer {
  readonly status: number;
  readonly text: string;
  /** Seconds, as in `Retry-After`. */
  readonly retryAfter: string | null;
}

/** Uploads a file. Rejects with a ChatError. */
export async function upload(
  context: FileContext,
  body: FileBody,
  options: UploadOptions,
): Promise<UploadedFile> {
  const { bytes: most } = context.limits.files ?? {};
  const isBlob = "arrayBuffer" in body;
  if (most !== undefined && (isBlob ? body.size : body.byteLength) > most)
    throw new ChatError("too_long", `the file is over ${most} bytes`);
  const name = options.name ?? (isBlob ? body.name : undefined);
  const query = name === undefined ? "" : `?name=${encodeURIComponent(name.toWellFormed())}`;
  const type = isBlob && body.type ? body.type : "application/octet-stream";
  const headers = { ...apiHeaders(context.secrets), "Content-Type": type };
  const url = apiUrl(context.url, `files${query}`);
  const XMLHttpRequest = systemXhr();
  const answer =
    XMLHttpRequest === undefined
      ? await withFetch(context, url, { method: "POST", headers, body, signal: options.signal })
      : await withXhr(new XMLHttpRequest(), url, headers, body, options);
  if (answer.status >= 300) throw errorOf(answer);
  const file = v.safeParse(UploadedFile, parsed(answer.text));
  if (!file.success) throw new ChatError("internal", `${url} answers something else than a file`);
  return file.output;
}

/** Returns the bytes of a file. Rejects with a ChatError: `not_found` if the file was deleted. */
export async function download(
  context: FileContext,
  url: string,
  { signal }: CallOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const fetch = needed(context.fetch);
  const headers = apiHeaders(context.secrets);
  const response = await reach(url, () => fetch(url, { headers, signal }));
  if (response.status < 300) return new Uint8Array(await reach(url, () => response.arrayBuffer()));
  const text = await response.text();
  throw errorOf({ status: response.status, text, retryAfter: response.headers.get("Retry-After") });
}

async function withFetch(context: FileContext, url: string, init: object): Promise<Answer> {
  const fetch = needed(context.fetch);
  return reach(url, async () => {
    const response = await fetch(url, init);
    const { status, headers } = response;
    return { status, text: await response.text(), retryAfter: headers.get("Retry-After") };
  });
}

/** Uploads with XMLHttpRequest: only it reports progress. */
function withXhr(
  request: InstanceType<XhrConstructor>,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: FileBody,
  { signal, onProgress }: UploadOptions,
): Promise<Answer> {
  const { promise, resolve, reject } = deferred<Answer>();
  request.open("POST", url);
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  if (onProgress !== undefined)
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded, total));
  request.addEventListener("load", () => {
    const { status, responseText: text } = request;
    resolve({ status, text, retryAfter: request.getResponseHeader("Retry-After") });
  });
  for (const type of ["error", "timeout"] as const)
    request.addEventListener(type, () => reject(unreachable(url)));
  signal?.addEventListener("abort", () => {
    request.abort();
    reject(signal.reason);
  });
  request.send(body);
  return promise;
}

function needed(fetch: FetchLike | null): FetchLike {
  if (fetch === null) throw new TypeError("this platform has no fetch: pass one as the option `fetch`");
  return fetch;
}

/** Returns the result of a request, and a ChatError for a connection that failed. */
async function reach<T>(url: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    // `fetch` rejects with a TypeError if the connection fails.
    throw error instanceof TypeError ? unreachable(url) : error;
  }
}

function unreachable(url: string): ChatError {
  return new ChatError("unreachable", `the connection to ${url.replace(/\?.*/, "")} failed`);
}

/** Returns the error that the room answers; it has the fields of a rejected command. */
function errorOf({ status, text, retryAfter }: Answer): ChatError {
  const body = v.safeParse(v.object({ error: v.looseObject({}) }), parsed(text));
  const line = parseServerLine(JSON.stringify({ ...(body.success && body.output.error), type: "error" }));
  if (line?.type !== "error") return new ChatError("internal", `the server answers with status ${status}`);
  const wait = retryAfter === null ? {} : { retryAfter: Number(retryAfter) * 1_000 };
  return chatError({ ...line, ...wait });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
