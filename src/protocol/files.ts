/** Files: what a command names, what an event tells of each, and the lines of text that older clients show. */
import * as v from "valibot";
import { singleLine } from "./fields.ts";
import { MAX_ALT_BYTES, MAX_FILES } from "./limits.ts";

/** Id of a file: 128 random bits as base64url. */
export const FileId = v.pipe(
  v.string("the id of a file must be a string"),
  v.regex(/^[A-Za-z0-9_-]{22}$/, "the id of a file must be 22 characters of A-Z a-z 0-9 _ -"),
);

/** SentFile is a file as `send` names it. */
const SentFile = v.object(
  {
    id: FileId,
    /** Description for people who do not see the picture. */
    alt: v.exactOptional(singleLine("alt", MAX_ALT_BYTES)),
    /** ThumbHash of the picture as base64url. */
    blur: v.exactOptional(
      v.pipe(
        v.string("blur must be a string"),
        v.regex(/^[A-Za-z0-9_-]{1,64}$/, "blur must be base64url of up to 64 characters"),
      ),
    ),
  },
  "a file must be an object with an id",
);
export type SentFile = v.InferOutput<typeof SentFile>;

/** The files of one message. */
export const SentFiles = v.pipe(
  v.array(SentFile, "files must be an array"),
  v.minLength(1, "files must not be empty"),
  v.maxLength(MAX_FILES, `a message has ${MAX_FILES} files at most`),
  v.check((files) => new Set(files.map(({ id }) => id)).size === files.length, "files must be different"),
);

/** FileInfo is a file as the room tells it. The server decides everything but `alt` and `blur`. */
export const FileInfo = v.object({
  id: v.string(),
  /** Media type. */
  type: v.string(),
  bytes: v.number(),
  name: v.exactOptional(v.string()),
  /** Size of a picture as it is shown, in pixels. */
  w: v.exactOptional(v.number()),
  h: v.exactOptional(v.number()),
  alt: v.exactOptional(v.string()),
  blur: v.exactOptional(v.string()),
});
export type FileInfo = v.InferOutput<typeof FileInfo>;

/** Types of pictures that a browser may show in place. Every other type is only downloaded. */
export const PICTURE_TYPES: ReadonlySet<string> = new Set([
  "image/png",
  "image/jpeg",
  "image/webp",
  "image/gif",
  "image/avif",
]);

/** Returns the path of a file's bytes. */
export function filePath(room: string, id: string): string {
  return `/api/rooms/${encodeURIComponent(room)}/files/${id}`;
}

/** Returns the text of a message with files: its own text, then a line with the address of each file. */
export function withAddresses(own: string, addresses: readonly string[]): string {
  return [...(own === "" ? [] : [own]), ...addresses].join("\n");
}

/** WithAddresses is the part of a message or an edit whose text ends with addresses. */
interface WithAddresses {
  readonly text: string;
  /** The files of a message, or the number of addresses in an edit. */
  readonly files?: readonly unknown[] | number;
}

/** Returns what the author wrote: the text without the addresses of the files. */
export function ownText({ text, files = 0 }: WithAddresses): string {
  const count = typeof files === "number" ? files : files.length;
  return count === 0 ? text : text.split("\n").slice(0, -count).join("\n");
}

/** Returns the addresses of the files of a message, in order. */
export function fileAddresses({ text, files = 0 }: WithAddresses): string[] {
  const count = typeof files === "number" ? files : files.length;
  return count === 0 || text === "" ? [] : text.split("\n").slice(-count);
}
