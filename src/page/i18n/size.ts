/** Formats sizes of files in the user's language. Pure. */

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Returns a size such as `1.2 MB`. */
export function byteSize(bytes: number, locale: string): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: UNITS[power] ?? "byte",
    maximumFractionDigits: power > 1 ? 1 : 0,
  }).format(bytes / 1_000 ** power);
}
