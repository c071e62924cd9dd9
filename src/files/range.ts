/** Range: which bytes of a file a request asks for. */

/** Range is `length` bytes from `offset`. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/**
 * Returns the range that a `Range` header asks for, `"unsatisfiable"` if it begins after the end, or `null` if there is
 * none: also for several ranges and unknown units, which a server may ignore (RFC 9110, section 14.2).
 *
 * @param size - of the file, in bytes
 */
export function parseRange(header: string | null, size: number): Range | "unsatisfiable" | null {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (first === "" && last === "") return null;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { offset: size - length, length };
  }
  const offset = Number(first);
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < offset) return null;
  return offset >= size ? "unsatisfiable" : { offset, length: end - offset };
}
