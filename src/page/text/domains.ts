/** Addresses that people write without `https://`. Pure. */

/**
 * Top-level domains that make a link of a domain without `https://` or `www.`. Left out are those that are also file
 * extensions (`.py`, `.rs`) or words (`.in`, `.so`).
 */
export const DOMAINS =
  "com net org edu gov int io dev app info biz co ai tv eu uk de fr nl es cn jp kr ru br au ca ch se dk fi cz xyz site online shop blog tech cloud wiki".split(
    " ",
  );

const ADDRESS = new RegExp(`www\\.|\\.(?:${DOMAINS.join("|")})(?![a-z0-9])`, "i");

/** Returns whether `text` may contain such an address. */
export function mayHaveAddress(text: string): boolean {
  return text.includes(".") && ADDRESS.test(text);
}
