/** AVIF: stored as it is. Its parts refer to each other by position, so none can be removed. */
import { hasText, type Picture, textAt, viewOf } from "./bytes.ts";

/** Length of the metadata of a picture. Its parts are listed in memory. */
const MAX_META_BYTES = 64 * 1024;

/** Whether `bytes` begin as an AVIF picture does. */
export function isAvif(bytes: Uint8Array): boolean {
  if (bytes.length < 16 || !hasText(bytes, "ftyp", 4)) return false;
  const end = Math.min(viewOf(bytes).getUint32(0), bytes.length);
  for (let at = 8; at + 4 <= end; at += 4) {
    // Between the main brand and the others is a version.
    if (at !== 12 && ["avif", "avis"].includes(textAt(bytes, at, 4))) return true;
  }
  return false;
}

/** Returns an AVIF, or `null` if it is cut off. */
export function checkAvif(bytes: Uint8Array<ArrayBuffer>): Picture | null {
  const view = viewOf(bytes);
  let hasData = false;
  let at = 0;
  while (at < bytes.length) {
    if (at + 8 > bytes.length) return null;
    let length = view.getUint32(at);
    if (hasText(bytes, "mdat", at + 4)) hasData = true;
    if (length === 0) break;
    if (length === 1) {
      if (at + 16 > bytes.length || view.getUint32(at + 8) !== 0) return null;
      length = view.getUint32(at + 12);
    }
    if (hasText(bytes, "meta", at + 4) && length > MAX_META_BYTES) return null;
    if (length < 8 || at + length > bytes.length) return null;
    at += length;
  }
  return hasData ? { bytes, orientation: 1 } : null;
}
