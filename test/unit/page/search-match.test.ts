import { beforeAll, describe, expect, test } from "vitest";
import { loadMarkdown } from "../../../src/page/text/markdown.ts";
import { matchingPart, searchedText } from "../../../src/page/text/search-match.ts";

beforeAll(() => loadMarkdown());

/** Returns the shown part of `text` with its matches in brackets. */
const shown = (text: string, ...words: string[]): string =>
  matchingPart(text, words)
    .map((piece) => (piece.isMatch ? `[${piece.text}]` : piece.text))
    .join("");

test("names and descriptions of files are shown if a word occurs only there", () => {
  const files = [{ id: "f", type: "image/png", bytes: 1, name: "IMG_1.webp", alt: "a cat" }];
  const message = { text: "look\nhttps://chat.example/f", files };
  expect(searchedText(message, ["look"])).toBe("look");
  expect(searchedText(message, [])).toBe("look");
  expect(searchedText(message, ["cat"])).toBe("look · a cat · IMG_1.webp");
  expect(searchedText({ text: "https://chat.example/f", files }, [])).toBe("a cat · IMG_1.webp");
});

describe("matchingPart", () => {
  test("marks each match, without marks of Markdown", () => {
    expect(shown("**Tea** and\n`tea` cups", "tea")).toBe("[Tea] and [tea] cups");
    expect(shown("周六码头见", "码头")).toBe("周六[码头]见");
    expect(shown("ＴＥＡ", "tea")).toBe("[ＴＥＡ]");
  });

  test("shows the text as it was written if a word matches only there", () => {
    expect(shown("see [it](https://a.example/tea)", "tea", "see")).toBe(
      "[see] [it](https://a.example/[tea])",
    );
  });

  test("shows a long text from a word before the first match", () => {
    const text = `${"word ".repeat(60)}tea ${"more ".repeat(100)}`;
    expect(shown(text, "tea")).toMatch(/^…(word ){7,8}\[tea\] (more )+.*…$/);
    expect(shown(text, "tea").length).toBeLessThan(320);
    expect(shown(text)).toMatch(/^word word .*…$/);
  });

  test("never cuts a character in two", () => {
    for (const length of [39, 40, 41, 42])
      expect(shown(`a${"🍅".repeat(length)}tea`, "tea").isWellFormed()).toBe(true);
    expect(shown(`a${"🍅".repeat(300)}`).isWellFormed()).toBe(true);
  });
});
