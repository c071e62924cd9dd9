/** Bytes: what the readers of all picture formats share. */

/** Picture is a picture without metadata. */
export interface Picture {
  /** Begins at the start of its buffer. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As in EXIF, 1 to 8. */
  readonly orientation: number;
}

/** Parts of a picture. None has as many: millions of tiny ones would take more memory than an object has. */
export const MAX_PARTS = 20_000;

/** Whether `bytes` have the ASCII text `text` at `at`. */
export function hasText(bytes: Uint8Array, text: string, at = 0): boolean {
  for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Returns `length` bytes at `at` as ASCII text. */
export function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Joins parts into bytes of their own. */
export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
