/** GIF: a picture as a row of blocks, of which comments and data of applications are removed. */
import { join, MAX_PARTS, type Picture, textAt } from "./bytes.ts";

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;
/** Applications whose data says how often an animation repeats. */
const LOOPS: ReadonlySet<string> = new Set(["NETSCAPE2.0", "ANIMEXTS1.0"]);

/** Returns a GIF without comments and what follows its end, or `null` if it is broken. */
export function cleanGif(bytes: Uint8Array): Picture | null {
  const header = 13 + colorTableLength(bytes[10] ?? 0);
  if (header > bytes.length) return null;
  const parts: Uint8Array[] = [bytes.subarray(0, header)];
  let images = 0;
  let at = header;
  for (;;) {
    const start = at;
    const type = bytes[at];
    if (type === TRAILER) break;
    if (parts.length > MAX_PARTS) return null;
    let isKept = true;
    if (type === IMAGE) {
      images += 1;
      // Position, size and flags, a color table, and the size of the first code.
      at += 11 + colorTableLength(bytes[at + 9] ?? 0);
    } else if (type === EXTENSION) {
      const label = bytes[at + 1];
      const isLoop = label === APPLICATION && LOOPS.has(textAt(bytes, at + 3, 11));
      isKept = label === GRAPHIC_CONTROL || isLoop;
      at += 2;
    } else return null;
    const end = blocksEnd(bytes, at);
    if (end === null) return null;
    at = end;
    if (isKept) parts.push(bytes.subarray(start, end));
  }
  if (images === 0) return null;
  return { bytes: join([...parts, Uint8Array.of(TRAILER)]), orientation: 1 };
}

/** Returns the length of the color table that the flags tell of. */
function colorTableLength(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 0x07) + 1) : 0;
}

/** Returns where the blocks of data that begin at `from` end, or `null` if they are cut off. */
function blocksEnd(bytes: Uint8Array, from: number): number | null {
  let at = from;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return null;
    at += 1 + length;
    if (length === 0) return at;
  }
}
