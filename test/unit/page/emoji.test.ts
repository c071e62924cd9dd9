// Emoji in texts.
import { describe, expect, test } from "vitest";
import { isEmoji, isEmojiOnly } from "../../../src/page/text/emoji.ts";

describe("emoji", () => {
  test.each(["😀", "👍🏽", "👨‍👩‍👧‍👦", "🇨🇳", "❤️", "1️⃣"])("%s is one emoji", (emoji) => {
    expect(isEmoji(emoji)).toBe(true);
  });

  test.each(["a", "1", "😀😀", "", "😀 "])("%j is not one emoji", (other) => {
    expect(isEmoji(other)).toBe(false);
  });

  test.each([
    ["😀", true],
    ["😀 👍🏽\n🎉", true],
    ["😀!", false],
    ["12", false],
    ["", false],
    ["😀".repeat(9), false],
  ])("%j is only emoji: %s", (source, alone) => {
    expect(isEmojiOnly(source)).toBe(alone);
  });
});
