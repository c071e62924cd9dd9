/** Downloads the messages of a room as a file. */
import * as v from "valibot";
import { passwordProof } from "../storage/room-secrets.ts";
import { identityKey } from "../storage/settings.ts";

export type ExportFormatName = "txt" | "html" | "jsonl";

/** Exported is a downloaded file. */
export interface Exported {
  readonly blob: Blob;
  /** Whether the file has everything: the room's messages can be deleted meanwhile, and a file can be cut off. */
  readonly ending: "complete" | "wiped" | "cut-off";
}

/** DownloadError says why there is no file. */
export class DownloadError extends Error {
  readonly reason: "forbidden" | "too-many" | "interrupted" | "unavailable";
  /** Seconds after which the room answers again. */
  readonly retryAfter: number;

  constructor(reason: DownloadError["reason"], retryAfter = 0) {
    super(reason);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

/** Wait after an answer 429 that names none, seconds. */
const DEFAULT_RETRY_S = 60;
/** Bytes that the last line of `jsonl` has at most. */
const MAX_END_BYTES = 200;
const EndLine = v.object({ type: v.literal("end"), wiped: v.optional(v.boolean()) });

/**
 * Downloads the messages of `room`. Rejects with a DownloadError, or with the reason of an aborted `signal`.
 *
 * @param onProgress - called with the bytes received so far
 */
export async function downloadRoom(
  room: string,
  format: ExportFormatName,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<Exported> {
  const proof = passwordProof(room);
  try {
    const response = await fetch(`/api/rooms/${encodeURIComponent(room)}/export?format=${format}`, {
      headers: {
        Authorization: `Bearer ${identityKey()}`,
        ...(proof !== null && { "X-Room-Password": proof }),
      },
      cache: "no-store",
      signal,
    });
    if (!response.ok || response.body === null) throw errorOf(response);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    const reader = response.body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      parts.push(read.value);
      bytes += read.value.length;
      onProgress(bytes);
    }
    const blob = new Blob(parts, { type: response.headers.get("Content-Type") ?? "" });
    return { blob, ending: format === "jsonl" ? await endingOf(blob) : "complete" };
  } catch (error) {
    if (signal.aborted || error instanceof DownloadError) throw error;
    throw new DownloadError("interrupted");
  }
}

function errorOf({ status, headers }: Response): DownloadError {
  if (status === 403) return new DownloadError("forbidden");
  if (status === 429)
    return new DownloadError("too-many", Number(headers.get("Retry-After")) || DEFAULT_RETRY_S);
  return new DownloadError("unavailable");
}

/** Returns how a file of JSON Lines ends. */
async function endingOf(blob: Blob): Promise<Exported["ending"]> {
  const text = await blob.slice(-MAX_END_BYTES).text();
  const [line = ""] = text.trimEnd().split("\n").slice(-1);
  try {
    const { wiped } = v.parse(EndLine, JSON.parse(line));
    return wiped === true ? "wiped" : "complete";
  } catch {
    return "cut-off";
  }
}

/** Returns the name of a file for `title` on every system. */
export function fileName(title: string, format: ExportFormatName): string {
  const name = title
    .replace(/[\p{Cc}\\/:*?"<>|]+/gu, " ")
    .trim()
    .replace(/^\.+/, "");
  return `${name === "" ? "messages" : name}.${format}`;
}

/** Saves `blob` as a file. */
export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
