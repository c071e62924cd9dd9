import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanName, guestName, MAX_NAME_BYTES, MAX_NAME_GRAPHEMES } from "../../../src/protocol/index.ts";

const graphemes = (text: string) => [...new Intl.Segmenter("und").segment(text)].length;

describe("cleanName", () => {
  test.each([
    ["an ordinary name", "Ann Lee", "Ann Lee"],
    ["white space at the ends and in between", "  Ann \t\n Lee\u3000", "Ann Lee"],
    ["only spaces", " \u00a0\u3000\t ", ""],
    ["an empty string", "", ""],
    ["a bidi override", "Ann\u202Eeel", "Anneel"],
    ["bidi isolates and marks", "\u2066Ann\u2069\u200F", "Ann"],
    ["zero-width characters", "A\u200Bn\u200Cn\uFEFF\u2060", "Ann"],
    ["a zero-width joiner between letters", "A\u200Dn", "An"],
    ["NUL and other controls", "A\0n\u0007n\u009F", "Ann"],
    ["the replacement character", "A\uFFFDnn", "Ann"],
    ["lone surrogates", "A\uD800nn\uDC00", "Ann"],
    ["a Hangul filler and a blank Braille pattern", "\u3164\u2800", ""],
    ["private use and noncharacters", "A\uE000nn\uFDD0", "Ann"],
    ["compatibility letters", "Ａｎｎ ﬁ", "Ann fi"],
    ["Cyrillic look-alikes, which are kept", "Аnn", "Аnn"],
    ["a family emoji", "👨‍👩‍👧‍👦 Ann", "👨‍👩‍👧‍👦 Ann"],
    ["an emoji with a presentation selector", "❤️ Ann", "❤️ Ann"],
    ["a skin tone and a flag", "👋🏽🇨🇳", "👋🏽🇨🇳"],
    ["a stray joiner behind an emoji", "👨\u200D Ann", "👨 Ann"],
    ["a decomposed letter", "Zoe\u0308", "Zoë"],
    ["a letter that composes after an invisible character is removed", "e\u200B\u0301", "é"],
    ["zalgo", `Z${"\u0335".repeat(20)}o`, "Z\u0335\u0335\u0335o"],
    ["33 graphemes", "名".repeat(33), "名".repeat(32)],
    ["33 family emoji", "👨‍👩‍👧‍👦".repeat(33), "👨‍👩‍👧‍👦".repeat(32)],
    [
      "a keycap that only the removal of a space makes incomplete",
      "1\uFE0F\u20E3\u200B\u20E3",
      "1\u20E3\u20E3",
    ],
    ["a space at the cut-off", `${"a".repeat(31)} b`, "a".repeat(31)],
  ])("cleans %s", (_what, raw, clean) => {
    expect(cleanName(raw)).toBe(clean);
  });

  test("limits the work for long names that expand under NFKC", () => {
    expect(cleanName("\uFDFA".repeat(10_000))).toBe(cleanName("\uFDFA".repeat(100)));
  });

  const anyText = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom(..."a\u0301\u0335\u200D\uFE0F\u200B 👨👩🇨🇳1\u20E3\u3164각\u202E") }),
  );

  test("returns a clean name unchanged", () => {
    fc.assert(
      fc.property(anyText, (raw) => {
        const clean = cleanName(raw);
        expect(cleanName(clean)).toBe(clean);
      }),
      { numRuns: 5_000 },
    );
  });

  test("keeps the limits and removes controls, bidi controls and lone surrogates", () => {
    fc.assert(
      fc.property(anyText, (raw) => {
        const clean = cleanName(raw);
        expect(graphemes(clean)).toBeLessThanOrEqual(MAX_NAME_GRAPHEMES);
        expect(new TextEncoder().encode(clean).length).toBeLessThanOrEqual(MAX_NAME_BYTES);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cs}\u200E\u200F\u202A-\u202E\u2066-\u2069\u200B\uFEFF\uFFFD]/u);
        expect(clean).not.toMatch(/\p{M}{5}/u);
        expect(clean).toBe(clean.trim());
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("guestName", () => {
  test("uses the first four characters of the user id", () => {
    expect(guestName("abcdefghij")).toBe("guest-abcd");
  });
});
