/** Emoji in a text. Pure. */

import { graphemes } from "./graphemes.ts";

/** Made when it is first needed: it takes tenths of a second on a slow CPU. */
let emojiPattern: RegExp | undefined;

/** How emoji begin. It need not be exact, and is quick to make, for the messages that the page opens with. */
const BEGINS_AS_EMOJI = /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F)/u;
/** More than this many emoji are a text again. */
const MAX_LARGE = 8;

/** Whether `emoji` is exactly one emoji that a reaction may carry. */
export function isEmoji(emoji: string): boolean {
  // biome-ignore lint/complexity/useRegexLiterals: a literal is made where the file is read
  emojiPattern ??= new RegExp("^\\p{RGI_Emoji}$", "v");
  return emojiPattern.test(emoji);
}

/** Whether `text` is a few emoji and nothing else, so that it is shown large. */
export function isEmojiOnly(text: string): boolean {
  const compact = text.replace(/\s+/gu, "");
  if (compact.length > MAX_LARGE * 16 || !BEGINS_AS_EMOJI.test(compact)) return false;
  // The commonest; telling clusters apart takes its time to set up.
  if ([...compact].length === 1) return true;
  let count = 0;
  for (const { segment } of graphemes(compact)) {
    count += 1;
    if (count > MAX_LARGE || !BEGINS_AS_EMOJI.test(segment)) return false;
  }
  return true;
}
