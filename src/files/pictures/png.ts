/** PNG: a picture as a row of chunks, of which those that are not needed to show it are removed. */
import { hasText, join, MAX_PARTS, type Picture, textAt, viewOf } from "./bytes.ts";
import { orientationOf, orientationTiff } from "./exif.ts";

export const PNG_SIGNATURE = "\x89PNG\r\n\x1a\n";

/** Chunks that decide how a picture looks, also an animated one. */
const NEEDED: ReadonlySet<string> = new Set([
  ...["IHDR", "PLTE", "IDAT", "tRNS", "bKGD", "pHYs", "acTL", "fcTL", "fdAT"],
  ...["gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "cICP", "mDCV", "cLLI"],
]);
/** Length, type and checksum. */
const FRAME_LENGTH = 12;

/**
 * Returns a PNG without metadata and what follows its end, or `null` if it is broken. Color profiles stay, and of EXIF
 * the orientation.
 */
export function cleanPng(bytes: Uint8Array): Picture | null {
  const view = viewOf(bytes);
  const parts: Uint8Array[] = [bytes.subarray(0, PNG_SIGNATURE.length)];
  let orientation = 1;
  let hasData = false;
  let at = PNG_SIGNATURE.length;
  if (!hasText(bytes, "IHDR", at + 4) || bytes.length < at + FRAME_LENGTH || view.getUint32(at) !== 13)
    return null;
  for (;;) {
    if (at + FRAME_LENGTH > bytes.length || parts.length > MAX_PARTS) return null;
    const end = at + FRAME_LENGTH + view.getUint32(at);
    if (end > bytes.length) return null;
    const type = textAt(bytes, at + 4, 4);
    if (type === "IEND") break;
    if (type === "IDAT") hasData = true;
    if (type === "eXIf") orientation = orientationOf(bytes.subarray(at + 8, end - 4));
    if (NEEDED.has(type)) parts.push(bytes.subarray(at, end));
    at = end;
  }
  if (!hasData) return null;
  if (orientation !== 1) parts.splice(2, 0, chunk("eXIf", orientationTiff(orientation)));
  parts.push(chunk("IEND", new Uint8Array()));
  return { bytes: join(parts), orientation };
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_LENGTH + data.length);
  const view = viewOf(bytes);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i += 1) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, checksum(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** CRC-32, bit by bit: only chunks of a few bytes are written here. */
function checksum(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return ~value >>> 0;
}
