/** Emoji in a text. Pure. */

const EMOJI = /^\p{RGI_Emoji}$/v;
const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
/** What emoji are made of, digits among it. EMOJI takes tenths of a second to compile; this rules most texts out. */
const MADE_OF_EMOJI = /^[\p{Emoji}\p{Emoji_Component}]+$/u;
const DIGITS = /^\d*$/;
/** More than this many emoji are a text again. */
const MAX_LARGE = 8;

/** Whether `emoji` is exactly one emoji that a reaction may carry. */
export function isEmoji(emoji: string): boolean {
  return EMOJI.test(emoji);
}

/** Whether `text` is a few emoji and nothing else, so that it is shown large. */
export function isEmojiOnly(text: string): boolean {
  const compact = text.replace(/\s+/gu, "");
  if (compact.length > MAX_LARGE * 16 || DIGITS.test(compact) || !MADE_OF_EMOJI.test(compact)) return false;
  let count = 0;
  for (const { segment } of segmenter.segment(compact)) {
    count += 1;
    if (count > MAX_LARGE || !EMOJI.test(segment)) return false;
  }
  return true;
}
