/** Signatures: the types of files that are only downloaded. */
import { hasText } from "./pictures/bytes.ts";

/** Type of a file that is nothing known. */
const UNKNOWN = "application/octet-stream";

/** Types by the text that their files have at a position. */
const SIGNATURES: readonly (readonly [type: string, text: string, at?: number])[] = [
  ["application/pdf", "%PDF-"],
  ["application/zip", "PK\x03\x04"],
  ["application/zip", "PK\x05\x06"],
  ["audio/mpeg", "ID3"],
  ["audio/flac", "fLaC"],
  ["audio/ogg", "OggS"],
  ["audio/mp4", "ftypM4A", 4],
  ["video/quicktime", "ftypqt", 4],
  ["video/mp4", "ftypmp4", 4],
  ["video/mp4", "ftypiso", 4],
  ["video/mp4", "ftypavc1", 4],
  ["video/mp4", "ftypMSNV", 4],
  ["video/mp4", "ftypM4V", 4],
  ["video/webm", "\x1a\x45\xdf\xa3"],
];

/** Returns the type of a file that is no picture. A type that a browser could execute is never returned. */
export function downloadType(bytes: Uint8Array, hint: string): string {
  if (hasText(bytes, "RIFF") && hasText(bytes, "WAVE", 8)) return "audio/wav";
  const known = SIGNATURES.find(([, text, at]) => hasText(bytes, text, at));
  if (known !== undefined) return known[0];
  return /^text\/plain\b/i.test(hint.trim()) && isText(bytes) ? "text/plain" : UNKNOWN;
}

/** Whether `bytes` are UTF-8 without control characters, and do not begin like HTML, SVG or XML. */
function isText(bytes: Uint8Array): boolean {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return false;
  }
  return !/[^\P{Cc}\t\n\r\f]/u.test(text) && !text.trimStart().startsWith("<");
}
