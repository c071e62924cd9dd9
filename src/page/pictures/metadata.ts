/** Removes metadata, such as the place where a photo was taken, from a picture that is sent as it is. Pure. */
import { imageKind, pngChunks, viewOf, webpChunks } from "./image-type.ts";

/** Chunks of a PNG file that its look depends on. */
const PNG_KEPT: ReadonlySet<string> = new Set([
  ...["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "sBIT"],
  ...["acTL", "fcTL", "fdAT"],
]);
const WEBP_DROPPED: ReadonlySet<string> = new Set(["EXIF", "XMP "]);
/** Bits of the header of an extended WebP file that announce Exif and XMP. */
const WEBP_METADATA_BITS = 0x0c;

/**
 * Returns a picture without metadata, or `null` if it cannot be sent as it is: it is broken, of a type that this code
 * does not know, or needs its metadata to be shown upright.
 */
export function withoutMetadata(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  switch (imageKind(bytes)?.type) {
    case "image/png":
      return cleanPng(bytes);
    case "image/webp":
      return cleanWebp(bytes);
    case "image/jpeg":
      return cleanJpeg(bytes);
    case "image/gif":
      return bytes;
    default:
      return null;
  }
}

function cleanPng(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  const chunks = pngChunks(bytes);
  if (!chunks.some(({ name }) => name === "IEND")) return null;
  const kept = chunks.filter(({ name }) => PNG_KEPT.has(name));
  return joined([bytes.subarray(0, 8), ...kept.map(({ start, end }) => bytes.subarray(start, end))]);
}

function cleanWebp(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  const kept = webpChunks(bytes).filter(({ name }) => !WEBP_DROPPED.has(name));
  if (kept.length === 0) return null;
  const clean = joined([bytes.subarray(0, 12), ...kept.map(({ start, end }) => bytes.subarray(start, end))]);
  viewOf(clean).setUint32(4, clean.length - 8, true);
  // The first chunk, if the file is an extended one.
  if (kept[0]?.name === "VP8X") clean[20] = (clean[20] ?? 0) & ~WEBP_METADATA_BITS;
  return clean;
}

/** Kinds of JPEG segments, by marker. */
const [END, SCAN, COMMENT, EXIF] = [0xffd9, 0xffda, 0xfffe, 0xffe1];
/** Application segments that are kept: JFIF, the colour profile, and Adobe's colour transform. */
const APP_KEPT: ReadonlySet<number> = new Set([0xffe0, 0xffe2, 0xffee]);

function cleanJpeg(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  const view = viewOf(bytes);
  const parts = [bytes.subarray(0, 2)];
  for (let at = 2; at + 2 <= bytes.length; ) {
    const marker = view.getUint16(at);
    // What follows the end marker is not part of the picture.
    if (marker === END) return joined([...parts, bytes.subarray(at, at + 2)]);
    if (marker < 0xffc0 || at + 4 > bytes.length) return null;
    let end = at + 2 + view.getUint16(at + 2);
    if (marker === SCAN) end = endOfScan(bytes, end);
    if (end > bytes.length) return null;
    const segment = bytes.subarray(at, end);
    if (marker === EXIF && needsTurning(segment)) return null;
    const isApp = marker >= 0xffe0 && marker <= 0xffef;
    if (isApp ? APP_KEPT.has(marker) : marker !== COMMENT) parts.push(segment);
    at = end;
  }
  return null;
}

/** Returns the position of the marker that ends the data of a scan. */
function endOfScan(bytes: Uint8Array, from: number): number {
  let at = from;
  for (; at + 1 < bytes.length; at += 1) {
    const next = bytes[at + 1] ?? 0;
    // In the data, 0xff is followed by 0 or by a restart marker.
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) break;
  }
  return at;
}

/** Returns whether Exif data says that the picture is not upright, or might say so. */
function needsTurning(segment: Uint8Array): boolean {
  const view = viewOf(segment);
  const tiff = 10;
  const isExif = segment.length > tiff + 8 && view.getUint32(4) === 0x45786966;
  if (!isExif) return false;
  const isLittle = view.getUint16(tiff) === 0x4949;
  const directory = tiff + view.getUint32(tiff + 4, isLittle);
  if (directory + 2 > segment.length) return true;
  const count = view.getUint16(directory, isLittle);
  for (let entry = directory + 2; entry < directory + 2 + 12 * count; entry += 12) {
    if (entry + 12 > segment.length) return true;
    const ORIENTATION = 0x0112;
    if (view.getUint16(entry, isLittle) === ORIENTATION) return view.getUint16(entry + 8, isLittle) !== 1;
  }
  return false;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
