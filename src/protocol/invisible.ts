/**
 * Characters that cannot be seen or change the direction of a line: controls, format characters (bidi controls
 * and zero-width characters among them), lone surrogates, private use, noncharacters, Hangul fillers, variation
 * selectors, the blank Braille pattern, and U+FFFD, which is a trace of broken text.
 */
export const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u2800\uFFFD]/gu;
