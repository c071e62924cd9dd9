// Bytes of small picture files, most only complete enough for code that reads their structure.
import { crc32, deflateSync } from "node:zlib";

type Bytes = Uint8Array<ArrayBuffer>;

export function bytes(...parts: readonly (string | Iterable<number>)[]): Bytes {
  const all = parts.flatMap((part) =>
    typeof part === "string" ? [...part].map((char) => char.charCodeAt(0)) : [...part],
  );
  return Uint8Array.from(all);
}

function big(size: 2 | 4, value: number): number[] {
  return Array.from({ length: size }, (_, index) => (value >>> (8 * (size - 1 - index))) & 255);
}

function little(value: number): number[] {
  return big(4, value).reverse();
}

/** Chunk of a PNG file. Its checksum is not right. */
export function pngChunk(name: string, data = ""): Bytes {
  return bytes(big(4, data.length), name, data, [0, 0, 0, 0]);
}

export function png(...chunks: readonly Bytes[]): Bytes {
  return bytes([0x89], "PNG\r\n\x1a\n", ...chunks);
}

/** Chunk of a WebP file. */
export function webpChunk(name: string, data = ""): Bytes {
  return bytes(name, little(data.length), data, data.length % 2 ? [0] : []);
}

export function webp(...chunks: readonly Bytes[]): Bytes {
  const body = bytes("WEBP", ...chunks);
  return bytes("RIFF", little(body.length), body);
}

/** Segment of a JPEG file. */
export function segment(marker: number, data: string | readonly number[] = ""): Bytes {
  return bytes([0xff, marker], big(2, data.length + 2), data);
}

/** A JPEG file with two scans, as progressive ones have. */
export function jpeg(...segments: readonly Bytes[]): Bytes {
  const scan = bytes(segment(0xda, "scan"), [1, 0xff, 0, 2, 0xff, 0xd0, 3]);
  return bytes([0xff, 0xd8], ...segments, scan, segment(0xc4, [0xff, 0xd9]), scan, [0xff, 0xd9]);
}

/** Exif segment with one entry: the orientation. */
export function exif(orientation: number): Bytes {
  const entry = [...big(2, 0x0112), ...big(2, 3), ...big(4, 1), ...big(2, orientation), 0, 0];
  return segment(0xe1, [...bytes("Exif\0\0MM", [0, 42], big(4, 8), big(2, 1), entry, big(4, 0))]);
}

/** A GIF file with this many pictures, a palette and an extension. */
export function gif(frames: number): Bytes {
  const frame = bytes([0x21, 0xf9, 4, 0, 0, 0, 0, 0], [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0x80], "abcdef", [
    ...[2, 2, 0x2c, 0x2c, 0],
  ]);
  const palette = "012345";
  return bytes("GIF89a", [1, 0, 1, 0, 0x80, 0, 0], palette, ...Array(frames).fill(frame), [0x3b]);
}

/** A PNG file that browsers can show: a gradient. */
export function drawnPng(width: number, height: number): Buffer {
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.from([0, ...Array.from({ length: width }, (_, x) => [x % 256, y % 256, (x + y) % 256]).flat()]),
  );
  const chunk = (name: string, data: Uint8Array): Bytes =>
    bytes(big(4, data.length), name, data, big(4, crc32(Buffer.from(bytes(name, data)))));
  const header = bytes(big(4, width), big(4, height), [8, 2, 0, 0, 0]);
  return Buffer.from(
    png(chunk("IHDR", header), chunk("IDAT", deflateSync(Buffer.concat(rows))), chunk("IEND", bytes())),
  );
}
