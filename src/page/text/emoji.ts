/** Detects emoji in texts. Pure. */
import { graphemes } from "./graphemes.ts";

/** Compiled on first use: that takes tenths of a second on a slow CPU. */
let emojiPattern: RegExp | undefined;

/** Matches the beginning of an emoji. Inexact but quick to compile, for the first messages. */
const BEGINS_AS_EMOJI = /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F)/u;
/** A text with more emoji is shown at normal size. */
const MAX_LARGE = 8;

/** Returns whether `emoji` is exactly one emoji, as a reaction must be. */
export function isEmoji(emoji: string): boolean {
  // biome-ignore lint/complexity/useRegexLiterals: a literal is compiled when the module is loaded
  emojiPattern ??= new RegExp("^\\p{RGI_Emoji}$", "v");
  return emojiPattern.test(emoji);
}

/** Returns whether `text` is a few emoji and nothing else. Such a text is shown large. */
export function isEmojiOnly(text: string): boolean {
  const compact = text.replace(/\s+/gu, "");
  if (compact.length > MAX_LARGE * 16 || !BEGINS_AS_EMOJI.test(compact)) return false;
  // The most common case, without the segmenter, which is slow to set up.
  if ([...compact].length === 1) return true;
  let count = 0;
  for (const { segment } of graphemes(compact)) {
    count += 1;
    if (count > MAX_LARGE || !BEGINS_AS_EMOJI.test(segment)) return false;
  }
  return true;
}
