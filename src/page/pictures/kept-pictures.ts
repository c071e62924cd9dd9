/** Pictures in memory: those that this page has sent, or downloaded with the user's key. */

const MAX_KEPT = 60;
/** Addresses by file id, the oldest first. */
const kept = new Map<string, string>();

/** Keeps the bytes of a picture, so that it need not be loaded. Returns its address. */
export function keepPicture(id: string, blob: Blob): string {
  const known = kept.get(id);
  if (known !== undefined) return known;
  const url = URL.createObjectURL(blob);
  kept.set(id, url);
  const [oldest] = kept;
  if (kept.size > MAX_KEPT && oldest !== undefined) {
    kept.delete(oldest[0]);
    URL.revokeObjectURL(oldest[1]);
  }
  return url;
}

/** Returns the address of a picture in memory, or `undefined`. */
export function keptPicture(id: string): string | undefined {
  return kept.get(id);
}
