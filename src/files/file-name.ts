/** File names: cleaned, so that they are safe to show, and to save on any system. */
import { exceedsBytes, INVISIBLE, MAX_FILE_NAME_BYTES } from "../protocol/index.ts";

/** Names of devices on Windows. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Endings of the names of pictures, the usual one first. A saved picture must not be opened as something else. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  "image/png": ["png", "apng"],
  "image/jpeg": ["jpg", "jpeg", "jfif"],
  "image/webp": ["webp"],
  "image/gif": ["gif"],
  "image/avif": ["avif"],
};

/**
 * Cleans the name of a file: its last part, in NFC, without invisible characters and those that systems forbid, and at
 * most 240 bytes long. The name of a picture ends as its type demands.
 *
 * @returns the name, or `undefined` if nothing of it remains
 */
export function cleanFileName(raw: string, type: string): string | undefined {
  const last = raw.normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const visible = last.replace(INVISIBLE, "").replace(/[<>:"|?*\u2028\u2029]/g, "_");
  const name = visible
    .replace(/\s+/gu, " ")
    .replace(/^[. ]+|[. ]+$/g, "")
    .replace(DEVICE, "_$&");
  if (name === "") return undefined;
  const [ending = ""] = /\.[^.]{1,10}$/u.exec(name) ?? [];
  const allowed = ENDINGS[type];
  const kept =
    allowed === undefined || allowed.includes(ending.slice(1).toLowerCase())
      ? ending
      : `${ending}.${allowed[0]}`;
  return shorten(name.slice(0, name.length - ending.length), MAX_FILE_NAME_BYTES - byteLength(kept)) + kept;
}

/** Returns the header that names a file, shown in place or downloaded. */
export function contentDisposition(isInline: boolean, name: string | undefined): string {
  const kind = isInline ? "inline" : "attachment";
  if (name === undefined) return kind;
  // RFC 8187: encodeURIComponent leaves four characters that an extended value must not contain.
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename*=UTF-8''${encoded}`;
}

/** Cuts between characters, so that `text` has at most `bytes` bytes. */
function shorten(text: string, bytes: number): string {
  if (!exceedsBytes(text, bytes)) return text;
  const chars = [...text];
  while (chars.length > 0 && exceedsBytes(chars.join(""), bytes)) chars.pop();
  return chars.join("").trimEnd();
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
