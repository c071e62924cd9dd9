/** Responses: the bytes of a file over HTTP. The app adds the headers that let no browser execute them. */
import { PICTURE_TYPES } from "../protocol/index.ts";
import { contentDisposition } from "./file-name.ts";
import type { FileRecord } from "./file-table.ts";
import { parseRange, type Range } from "./range.ts";

/** FileRequest is the part of a download's request that decides its answer. */
export interface FileRequest {
  readonly isHead: boolean;
  readonly range: string | null;
  readonly ifRange: string | null;
  readonly ifNoneMatch: string | null;
}

/** FileResponse is an answer whose body is yet to be read. */
export interface FileResponse {
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** `null`: the answer has no body. */
  readonly range: Range | null;
}

/** Seconds for which a browser keeps a file, and so also a deleted one. */
const MAX_AGE_S = 60;

/** Returns the answer to a request for `file`. Its bytes never change, so its id identifies them. */
export function fileResponse(file: FileRecord, request: FileRequest): FileResponse {
  const etag = `"${file.id}"`;
  const headers = {
    ETag: etag,
    // A proxy that compressed the body would break ranges.
    "Cache-Control": `private, max-age=${MAX_AGE_S}, no-transform`,
  };
  if (matchesEtag(request.ifNoneMatch, etag)) return { status: 304, headers, range: null };
  const asked =
    request.ifRange === null || request.ifRange === etag ? parseRange(request.range, file.bytes) : null;
  if (asked === "unsatisfiable") {
    return { status: 416, headers: { ...headers, "Content-Range": `bytes */${file.bytes}` }, range: null };
  }
  const range = asked ?? { offset: 0, length: file.bytes };
  const isPart = asked !== null && !request.isHead;
  return {
    status: isPart ? 206 : 200,
    headers: {
      ...headers,
      "Accept-Ranges": "bytes",
      "Content-Disposition": contentDisposition(PICTURE_TYPES.has(file.type), file.name),
      "Content-Length": `${isPart ? range.length : file.bytes}`,
      "Content-Type": file.type === "text/plain" ? "text/plain; charset=utf-8" : file.type,
      ...(isPart && {
        "Content-Range": `bytes ${range.offset}-${range.offset + range.length - 1}/${file.bytes}`,
      }),
    },
    range: request.isHead ? null : range,
  };
}

function matchesEtag(header: string | null, etag: string): boolean {
  if (header === null) return false;
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}
