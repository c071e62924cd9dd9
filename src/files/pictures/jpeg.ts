/** JPEG: a picture as a row of segments, of which those that are not needed to show it are removed. */
import { hasText, join, MAX_PARTS, type Picture, viewOf } from "./bytes.ts";
import { orientationOf, orientationTiff } from "./exif.ts";

const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;

/** Markers of frame headers. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Frame headers, the tables of codes and quantisation, number of lines, restart interval. */
function isNeeded(marker: number): boolean {
  return (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) || (marker >= 0xdb && marker <= 0xdd);
}

/**
 * Returns a JPEG without metadata, previews and what follows its end, or `null` if it is broken. Color profiles stay,
 * and of EXIF the orientation.
 */
export function cleanJpeg(bytes: Uint8Array): Picture | null {
  const view = viewOf(bytes);
  const parts: Uint8Array[] = [];
  let orientation = 1;
  let frames = 0;
  let scans = 0;
  let at = 2;
  for (;;) {
    if (bytes[at] !== 0xff || parts.length > MAX_PARTS) return null;
    // A marker may have fill bytes before it.
    while (bytes[at] === 0xff) at += 1;
    const marker = bytes[at] ?? 0;
    const start = at - 1;
    at += 1;
    if (marker === EOI) break;
    // The other markers without a length are not allowed between segments.
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8) || at + 2 > bytes.length) return null;
    const length = view.getUint16(at);
    const end = at + length;
    if (length < 2 || end > bytes.length) return null;
    const payload = bytes.subarray(at + 2, end);
    at = end;
    if (isFrame(marker)) frames += 1;
    if (marker === SOS) {
      scans += 1;
      const next = scanEnd(bytes, end);
      if (next === null || frames !== 1) return null;
      parts.push(bytes.subarray(start, next));
      at = next;
    } else if (isNeeded(marker)) parts.push(bytes.subarray(start, end));
    else if (marker === APP1 && hasText(payload, "Exif\0\0"))
      orientation = orientationOf(payload.subarray(6));
    else parts.push(...keptApplicationData(marker, payload));
  }
  if (frames !== 1 || scans === 0) return null;
  const exif = orientation === 1 ? [] : [segment(APP1, [ascii("Exif\0\0"), orientationTiff(orientation)])];
  const kept = [Uint8Array.of(0xff, 0xd8), ...exif, ...parts, Uint8Array.of(0xff, EOI)];
  return { bytes: join(kept), orientation };
}

/** Returns what is kept of a segment with data of applications; other segments are removed. */
function keptApplicationData(marker: number, payload: Uint8Array): Uint8Array[] {
  // JFIF and Adobe say how colors are stored. What follows these fields is a preview.
  if (marker === APP0 && hasText(payload, "JFIF\0") && payload.length >= 14)
    return [segment(APP0, [payload.subarray(0, 12), Uint8Array.of(0, 0)])];
  if (marker === APP14 && hasText(payload, "Adobe") && payload.length >= 12)
    return [segment(APP14, [payload.subarray(0, 12)])];
  return marker === APP2 && hasText(payload, "ICC_PROFILE\0") ? [segment(APP2, [payload])] : [];
}

/** Returns where the marker after a scan begins, or `null` if the data ends before. */
function scanEnd(bytes: Uint8Array, from: number): number | null {
  let at = from;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    const next = bytes[at + 1];
    if (at < 0 || next === undefined) return null;
    const isData = next === 0x00 || (next >= 0xd0 && next <= 0xd7);
    if (isData) at += 2;
    else if (next === 0xff) at += 1;
    else return at;
  }
}

function segment(marker: number, payload: readonly Uint8Array[]): Uint8Array {
  const length = payload.reduce((sum, part) => sum + part.length, 2);
  return join([Uint8Array.of(0xff, marker, length >> 8, length & 0xff), ...payload]);
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
