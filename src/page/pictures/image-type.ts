/** Recognises the pictures that a message can show, by their first bytes: the name of a file proves nothing. Pure. */

export type ImageType = "image/png" | "image/jpeg" | "image/webp" | "image/gif" | "image/avif";

/** ImageKind is the type of a picture, and whether it moves. */
export interface ImageKind {
  readonly type: ImageType;
  readonly animated: boolean;
}

/** Returns the kind of the picture in `bytes`, or `null` if it is none that a message shows. */
export function imageKind(bytes: Uint8Array): ImageKind | null {
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
    return { type: "image/png", animated: pngChunks(bytes).some(({ name }) => name === "acTL") };
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return { type: "image/jpeg", animated: false };
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP")
    return { type: "image/webp", animated: webpChunks(bytes).some(({ name }) => name === "ANIM") };
  if (/^GIF8[79]a$/.test(ascii(bytes, 0, 6))) return { type: "image/gif", animated: gifFrames(bytes) > 1 };
  if (ascii(bytes, 4, 8) === "ftyp" && /avi[fs]/.test(ascii(bytes, 8, 32)))
    return { type: "image/avif", animated: false };
  return null;
}

/** Chunk is a part of a PNG or WebP file, from its header to its end. */
export interface Chunk {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Returns the chunks of a PNG file. One that is cut off ends the list. */
export function pngChunks(bytes: Uint8Array): Chunk[] {
  const view = viewOf(bytes);
  const chunks: Chunk[] = [];
  for (let start = 8; start + 12 <= bytes.length; ) {
    const end = start + 12 + view.getUint32(start);
    if (end > bytes.length) break;
    chunks.push({ name: ascii(bytes, start + 4, start + 8), start, end });
    start = end;
  }
  return chunks;
}

/** Returns the chunks of a WebP file. One that is cut off ends the list. */
export function webpChunks(bytes: Uint8Array): Chunk[] {
  const view = viewOf(bytes);
  const chunks: Chunk[] = [];
  for (let start = 12; start + 8 <= bytes.length; ) {
    const size = view.getUint32(start + 4, true);
    if (start + 8 + size > bytes.length) break;
    const end = Math.min(bytes.length, start + 8 + size + (size % 2));
    chunks.push({ name: ascii(bytes, start, start + 4), start, end });
    start = end;
  }
  return chunks;
}

/** Returns the number of pictures in a GIF file; it stops to count at 2. */
function gifFrames(bytes: Uint8Array): number {
  const colors = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let frames = 0;
  let at = 13 + colors(bytes[10] ?? 0);
  while (at < bytes.length && frames < 2) {
    const block = bytes[at];
    if (block === 0x2c) {
      frames += 1;
      // The header of the picture, its palette, and the size of its codes.
      at += 10 + colors(bytes[at + 9] ?? 0) + 1;
    } else if (block === 0x21) at += 2;
    else break;
    for (let size = bytes[at] ?? 0; size > 0; size = bytes[at] ?? 0) at += 1 + size;
    at += 1;
  }
  return frames;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
