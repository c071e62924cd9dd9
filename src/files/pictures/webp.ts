/** WebP: a picture as a RIFF file, of whose chunks those that are not needed to show it are removed. */
import { hasText, join, MAX_PARTS, type Picture, textAt, viewOf } from "./bytes.ts";
import { orientationOf, orientationTiff } from "./exif.ts";

const NEEDED: ReadonlySet<string> = new Set(["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"]);
/** Chunks inside of a frame of an animation. */
const NEEDED_IN_FRAME: ReadonlySet<string> = new Set(["VP8 ", "VP8L", "ALPH"]);
/** Length of an ANMF chunk before the chunks inside. */
const FRAME_HEADER_LENGTH = 16;
/** Flags of VP8X. */
const HAS_XMP = 0x04;
const HAS_EXIF = 0x08;

interface Chunk {
  readonly type: string;
  readonly payload: Uint8Array;
}

/**
 * Returns a WebP without metadata and what follows its end, or `null` if it is broken. Color profiles stay, and of EXIF
 * the orientation.
 */
export function cleanWebp(bytes: Uint8Array): Picture | null {
  const end = 8 + viewOf(bytes).getUint32(4, true);
  const chunks = end > bytes.length ? null : chunksOf(bytes.subarray(12, end));
  if (chunks === null) return null;
  const exif = chunks.find(({ type }) => type === "EXIF")?.payload;
  const orientation = exif === undefined ? 1 : orientationOf(tiffOf(exif));
  // Only a file that begins with VP8X can have more than its picture.
  const keepsExif = orientation !== 1 && chunks[0]?.type === "VP8X";
  const kept: Uint8Array[] = [];
  let hasData = false;
  for (const { type, payload } of chunks) {
    if (!NEEDED.has(type)) continue;
    if (type === "VP8 " || type === "VP8L") hasData = true;
    if (type === "ANMF") {
      const inside = chunksOf(payload.subarray(FRAME_HEADER_LENGTH));
      if (payload.length < FRAME_HEADER_LENGTH || inside === null) return null;
      hasData = true;
      const frame = inside.filter((part) => NEEDED_IN_FRAME.has(part.type)).map(chunkOf);
      kept.push(chunkOf({ type, payload: join([payload.subarray(0, FRAME_HEADER_LENGTH), ...frame]) }));
    } else if (type === "VP8X") {
      const header = Uint8Array.from(payload);
      header[0] = ((header[0] ?? 0) & ~(HAS_XMP | HAS_EXIF)) | (keepsExif ? HAS_EXIF : 0);
      kept.push(chunkOf({ type, payload: header }));
    } else kept.push(chunkOf({ type, payload }));
  }
  if (!hasData) return null;
  if (keepsExif) kept.push(chunkOf({ type: "EXIF", payload: orientationTiff(orientation) }));
  const body = join([bytes.subarray(8, 12), ...kept]);
  const header = new Uint8Array(8);
  header.set(bytes.subarray(0, 4));
  viewOf(header).setUint32(4, body.length, true);
  return { bytes: join([header, body]), orientation: keepsExif ? orientation : 1 };
}

/** Some programs write EXIF with the prefix that it has in a JPEG. */
function tiffOf(exif: Uint8Array): Uint8Array {
  return hasText(exif, "Exif\0\0") ? exif.subarray(6) : exif;
}

/** Returns the chunks in `bytes`, or `null` if the last one is cut off, or there are too many. */
function chunksOf(bytes: Uint8Array): Chunk[] | null {
  const view = viewOf(bytes);
  const chunks: Chunk[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 8 > bytes.length || chunks.length > MAX_PARTS) return null;
    const length = view.getUint32(at + 4, true);
    if (at + 8 + length > bytes.length) return null;
    chunks.push({ type: textAt(bytes, at, 4), payload: bytes.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  return chunks;
}

/** Returns a chunk as bytes, padded to an even length. */
function chunkOf({ type, payload }: Chunk): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length + (payload.length % 2));
  for (let i = 0; i < 4; i += 1) bytes[i] = type.charCodeAt(i);
  viewOf(bytes).setUint32(4, payload.length, true);
  bytes.set(payload, 8);
  return bytes;
}
