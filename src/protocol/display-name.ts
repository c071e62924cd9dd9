/** Display names: what users call themselves, cleaned so that they are safe to show beside others. */
import { isEmoji } from "./fields.ts";
import { exceedsBytes } from "./frame.ts";
import { INVISIBLE } from "./invisible.ts";
import { MAX_NAME_BYTES, MAX_NAME_GRAPHEMES } from "./limits.ts";

/** White space except U+FEFF, which is invisible. */
const SPACE = /[^\S\uFEFF]+/gu;
/** A run of combining marks longer than any script needs. */
const ZALGO = /(\p{M}{3})\p{M}+/gu;
/** Printable ASCII with single spaces: most names, and already clean. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/** A name needs two passes at most in practice. */
const MAX_PASSES = 5;

let segmenter: Intl.Segmenter | undefined;

/**
 * Cleans a display name: NFKC, no invisible characters, white space folded, at most 3 combining marks in a
 * row, at most 32 grapheme clusters. Cleaning a clean name changes nothing. Look-alike letters stay: the
 * user id distinguishes users.
 *
 * @returns the name, or `""` if nothing of it remains
 */
export function cleanName(raw: string): string {
  let name = raw;
  // Characters beside a removed one can be something new together, which is not clean either.
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const before = name;
    name = cleanOnce(name);
    if (name === before) break;
  }
  return name;
}

function cleanOnce(raw: string): string {
  if (raw === "" || (raw.length <= MAX_NAME_GRAPHEMES && PLAIN.test(raw))) return raw;
  // Creating a segmenter takes 20 ms or more on a slow device, and a page that only shows names needs none.
  segmenter ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  let visible = "";
  // Cut before and after: NFKC may turn one character into 18, and the cost of a name must be bounded.
  const start = raw.slice(0, MAX_NAME_BYTES).normalize("NFKC").slice(0, MAX_NAME_BYTES);
  for (const { segment } of segmenter.segment(start.replace(SPACE, " "))) {
    // An emoji keeps the joiners and selectors that are part of it.
    visible += isEmoji(segment) ? segment : segment.replace(INVISIBLE, "");
  }
  // Characters that were separate may compose now.
  return shorten(visible.normalize("NFKC").replace(ZALGO, "$1").replace(SPACE, " ").trim(), segmenter);
}

function shorten(name: string, segmenter: Intl.Segmenter): string {
  let short = "";
  let graphemes = 0;
  for (const { segment } of segmenter.segment(name)) {
    graphemes += 1;
    if (graphemes > MAX_NAME_GRAPHEMES || exceedsBytes(short + segment, MAX_NAME_BYTES)) break;
    short += segment;
  }
  return short.trim();
}

/** Returns the name of a user without one. `user` is the user id. */
export function guestName(user: string): string {
  return `guest-${user.slice(0, 4)}`;
}
