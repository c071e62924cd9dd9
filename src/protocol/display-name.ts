/** Display names: what people call themselves, made safe to show beside others. */
import { exceedsBytes } from "./frame.ts";
import { MAX_NAME_BYTES, MAX_NAME_GRAPHEMES } from "./limits.ts";

/** White space, but for U+FEFF, which nobody sees. */
const SPACE = /[^\S\uFEFF]+/gu;
/**
 * What cannot be seen or turns the line around: controls, format characters (bidi controls and
 * zero-width ones among them), lone surrogates, private use, noncharacters, Hangul fillers and
 * variation selectors, the blank Braille pattern; and U+FFFD, a trace of broken text.
 */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u2800\uFFFD]/gu;
/** A run of combining marks longer than any script needs. */
const ZALGO = /(\p{M}{3})\p{M}+/gu;
/** Printable ASCII with single spaces: most names, and clean as they stand. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;
/** What takes 20 ms or more to make: whoever only shows names needs none of it. */
let tools: { readonly emoji: RegExp; readonly segmenter: Intl.Segmenter } | undefined;

function makeTools() {
  return {
    /** An emoji keeps the joiners and selectors that make it one. */
    // biome-ignore lint/complexity/useRegexLiterals: a literal is made where the file is read
    emoji: new RegExp("^\\p{RGI_Emoji}$", "v"),
    segmenter: new Intl.Segmenter("und", { granularity: "grapheme" }),
  };
}

/**
 * `raw` as a display name: NFKC, without what cannot be seen, white space folded, at most 3
 * combining marks in a row, at most 32 grapheme clusters. Cleaning a clean name changes nothing.
 * Look-alike letters stay: the user id tells people apart.
 *
 * @returns the name, or `""` where nothing is left of it
 */
export function cleanName(raw: string): string {
  if (raw === "" || (raw.length <= MAX_NAME_GRAPHEMES && PLAIN.test(raw))) return raw;
  tools ??= makeTools();
  const { emoji, segmenter } = tools;
  let visible = "";
  // Cut before and after, since one character may become 18: a name must not cost more than it shows.
  const start = raw.slice(0, MAX_NAME_BYTES).normalize("NFKC").slice(0, MAX_NAME_BYTES);
  for (const { segment } of segmenter.segment(start.replace(SPACE, " "))) {
    visible += emoji.test(segment) ? segment : segment.replace(INVISIBLE, "");
  }
  // What stood apart before may compose now.
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

/** Name of someone who gave none. `user` is their user id. */
export function guestName(user: string): string {
  return `guest-${user.slice(0, 4)}`;
}
