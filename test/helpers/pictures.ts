/** Pictures of 6 by 4 pixels in every format, and what programs and attackers add to pictures. */
import { crc32 } from "node:zlib";

export type Bytes = Uint8Array<ArrayBuffer>;

/** Pictures without metadata. */
export const PICTURES = {
  jpeg: bytesOf(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhl" +
      "bXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8" +
      "fHx8fHx8fHx8fHx8fHz/wAARCAAEAAYDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAL/xAAYEAEBAAMAAAAAAAAA" +
      "AAAAAAAABAUSMv/EABQBAQAAAAAAAAAAAAAAAAAAAAP/xAAaEQABBQEAAAAAAAAAAAAAAAACAAEDEyEE/9oADAMBAAIRAxEA" +
      "PwCpcdNrwAKcisfU3MZVNq//2Q==",
  ),
  progressiveJpeg: bytesOf(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhl" +
      "bXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8" +
      "fHx8fHx8fHx8fHx8fHz/wgARCAAEAAYDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAH/xAAUAQEAAAAAAAAAAAAA" +
      "AAAAAAAC/9oADAMBAAIQAxAAAAGgP//EABYQAQEBAAAAAAAAAAAAAAAAAAIAA//aAAgBAQABBQI5m//EABcRAQADAAAAAAAA" +
      "AAAAAAAAAAEAAxL/2gAIAQMBAT8BrXM//8QAFxEBAAMAAAAAAAAAAAAAAAAAAQACEv/aAAgBAgEBPwG66n//xAAUEAEAAAAA" +
      "AAAAAAAAAAAAAAAA/9oACAEBAAY/An//xAAWEAADAAAAAAAAAAAAAAAAAAAAETH/2gAIAQEAAT8hUh//2gAMAwEAAgADAAAA" +
      "EAv/xAAWEQADAAAAAAAAAAAAAAAAAAAAESH/2gAIAQMBAT8QW0//xAAWEQADAAAAAAAAAAAAAAAAAAAAESH/2gAIAQIBAT8Q" +
      "cU//xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAE/EDf/2Q==",
  ),
  png: bytesOf(
    "iVBORw0KGgoAAAANSUhEUgAAAAYAAAAECAIAAAAiZtkUAAAAGElEQVR42mNkYDihwfAGGbEw2DCgAeKEAK9XBu5llCpFAAAA" +
      "AElFTkSuQmCC",
  ),
  animatedPng: bytesOf(
    "iVBORw0KGgoAAAANSUhEUgAAAAYAAAAECAIAAAAiZtkUAAAACGFjVEwAAAACAAAAAPONk3AAAAAaZmNUTAAAAAAAAAAGAAAA" +
      "BAAAAAAAAAAAAAEACgAAI8YFEAAAABhJREFUeJxjZGA4ocHwBhmxMNgwoAHihACvVwbujZRBDwAAABpmY1RMAAAAAQAAAAYA" +
      "AAAEAAAAAAAAAAAAAQAKAAC4te/EAAAAHWZkQVQAAAACeJxjPLEl5QaDCDJiYTjCgAaIEwIAD8II1szuzMoAAAAASUVORK5C" +
      "YII=",
  ),
  webp: bytesOf(
    "UklGRkQAAABXRUJQVlA4IDgAAACwAQCdASoGAAQABABoJbACdAEO/gLsAP6qHMxIJ7wCseb8P4g4J7XvW/8bHm4GVa/xNRb9" +
      "UAAAAA==",
  ),
  losslessWebp: bytesOf("UklGRi4AAABXRUJQVlA4TCEAAAAvBcAAALmM6H/sovDR/4BCthGgAzt/sR9hUAY5JgAiJQcA"),
  animatedWebp: bytesOf(
    "UklGRuwAAABXRUJQVlA4WAoAAAACAAAABQAAAwAAQU5JTQYAAAAAAAAAAABBTk1GWgAAAAAAAAAAAAUAAAMAAGQAAAJWUDgg" +
      "QgAAAFABAJ0BKgYABAAFQHwlsAAFjAAA/tQo/rf5Lz9ev+q/79Q9+N1+N1+PSQBoNvyAqbLNznhjflMnwplKKwg5qWSAAEFO" +
      "TUZeAAAAAAAAAAAABQAAAwAAZAAAAFZQOCBGAAAAVAEAnQEqBgAEAAAAfCWwAAR0AAD+7eWi174+5aWz/SvDfEPfSdfSdfSg" +
      "W/P/zJdll9+wd8nEcSzRvrJWKwUfGAVy3e1oAA==",
  ),
  gif: bytesOf("R0lGODdhBgAEAIEAAIyWghSWvmQ8lmQAliwAAAAABgAEAAAIEgAHCBwYQIBBgwEKAliYcOHCgAA7"),
  animatedGif: bytesOf(
    "R0lGODlhBgAEAIEAAIyWghSWvmQ8lmQAliH/C05FVFNDQVBFMi4wAwEAAAAh+QQACgAAACwAAAAABgAEAAAIEgAHCBwYQIBB" +
      "gwEKAliYcOHCgAAh+QQBCgAEACwAAAAABgAEAIGMloIUlr5kPJZkAJYIFQABCAQQIMBAAgUFCCCgMMCAhxADAgA7",
  ),
  avif: bytesOf(
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAA" +
      "AAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAKwAAAChpaW5mAAAAAAABAAAAGmluZmUC" +
      "AAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAABgAAAAQAAAAQcGl4aQAAAAADCAgIAAAA" +
      "DGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAM21kYXQSAAoIGAhu0QENBoQy" +
      "HRxHh4Xd0000wsBBAJA2DLDEOWFTlfwlokHhVstR",
  ),
} as const;

/** Text that a picture without metadata must not contain. */
export const SECRET = "secret-place-48.2082N-16.3738E";

/** Returns a TIFF structure as cameras write it: an orientation and the position, with SECRET in both byte orders. */
export function exif(orientation: number, isLittle = false): Bytes {
  const text = latin1(SECRET);
  const tiff = new Uint8Array(8 + 2 + 3 * 12 + 4 + text.length);
  const view = new DataView(tiff.buffer);
  view.setUint16(0, isLittle ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, isLittle);
  view.setUint32(4, 8, isLittle);
  view.setUint16(8, 3, isLittle);
  const entry = (index: number, tag: number, type: number, count: number, value: number) => {
    const at = 10 + index * 12;
    view.setUint16(at, tag, isLittle);
    view.setUint16(at + 2, type, isLittle);
    view.setUint32(at + 4, count, isLittle);
    if (type === 3) view.setUint16(at + 8, value, isLittle);
    else view.setUint32(at + 8, value, isLittle);
  };
  const end = 10 + 3 * 12 + 4;
  entry(0, 0x010e, 2, text.length, end);
  entry(1, 0x0112, 3, 1, orientation);
  entry(2, 0x8825, 4, 1, end);
  tiff.set(text, end);
  return tiff;
}

/** Returns a JPEG with segments after its first marker. */
export function jpegWith(segments: readonly Bytes[], picture: Bytes = PICTURES.jpeg): Bytes {
  return concat(picture.subarray(0, 2), ...segments, picture.subarray(2));
}

export function jpegSegment(marker: number, ...payload: Bytes[]): Bytes {
  const length = payload.reduce((sum, part) => sum + part.length, 2);
  return concat(Uint8Array.of(0xff, marker, length >> 8, length & 0xff), ...payload);
}

/** Returns a PNG with chunks after its header. */
export function pngWith(chunks: readonly Bytes[], picture: Bytes = PICTURES.png): Bytes {
  return concat(picture.subarray(0, 33), ...chunks, picture.subarray(33));
}

export function pngChunk(type: string, data: Bytes): Bytes {
  const body = concat(latin1(type), data);
  return concat(uint32(data.length), body, uint32(crc32(body)));
}

/** Returns a WebP in the extended form with chunks after the picture. `flags` are those of VP8X. */
export function webpWith(chunks: readonly Bytes[], flags: number, picture: Bytes = PICTURES.webp): Bytes {
  const header = webpChunk("VP8X", Uint8Array.of(flags, 0, 0, 0, 5, 0, 0, 3, 0, 0));
  const body = concat(latin1("WEBP"), header, picture.subarray(12), ...chunks);
  return concat(latin1("RIFF"), uint32(body.length, true), body);
}

export function webpChunk(type: string, payload: Bytes): Bytes {
  return concat(latin1(type), uint32(payload.length, true), payload, new Uint8Array(payload.length % 2));
}

/** Returns a GIF with blocks before its trailer. */
export function gifWith(blocks: readonly Bytes[], picture: Bytes = PICTURES.gif): Bytes {
  return concat(picture.subarray(0, -1), ...blocks, picture.subarray(-1));
}

export function gifExtension(label: number, ...parts: Bytes[]): Bytes {
  const blocks = parts.map((part) => concat(Uint8Array.of(part.length), part));
  return concat(Uint8Array.of(0x21, label), ...blocks, Uint8Array.of(0));
}

/** Returns bytes with a 16-bit or 32-bit number written over them. */
export function patched(bytes: Bytes, at: number, value: number, size: 2 | 4, isLittle = false): Bytes {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  if (size === 2) view.setUint16(at, value, isLittle);
  else view.setUint32(at, value, isLittle);
  return copy;
}

export function concat(...parts: Bytes[]): Bytes {
  return new Uint8Array(Buffer.concat(parts));
}

export function latin1(text: string): Bytes {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** Whether `bytes` contain the ASCII text `text`. */
export function contains(bytes: Bytes, text: string): boolean {
  return Buffer.from(bytes).includes(text, 0, "latin1");
}

function uint32(value: number, isLittle = false): Bytes {
  return patched(new Uint8Array(4), 0, value, 4, isLittle);
}

function bytesOf(base64: string): Bytes {
  return new Uint8Array(Buffer.from(base64, "base64"));
}
