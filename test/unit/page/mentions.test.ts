// Mentions in texts.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mentionOf, mentions, textWithMentions } from "../../../src/page/text/mentions.ts";
import type { Inline } from "../../../src/page/text/tree.ts";

const text = (value: string): Inline => ({ type: "text", text: value });

describe("mentions", () => {
  const mention = (value: string, own = false): Inline => ({ type: "mention", text: value, own });

  test.each<[string, readonly Inline[]]>([
    ["hi @Bob", [text("hi "), mention("@Bob")]],
    ["@Bob, hi", [mention("@Bob"), text(", hi")]],
    ["ask @Bob.", [text("ask "), mention("@Bob"), text(".")]],
    ["@ann lee!", [mention("@ann lee", true), text("!")]],
    ["@Ann\u00a0Lee", [mention("@Ann Lee", true)]],
    ["@Ann Leeson", [mention("@Ann"), text(" Leeson")]],
    ["a@b.example", [text("a@b.example")]],
    ["@@Bob", [text("@@Bob")]],
    ["@ Bob", [text("@ Bob")]],
    [
      "@Jonas should ask @Maya, not @Ann Lee or @Bob.",
      [
        mention("@Jonas"),
        text(" should ask "),
        mention("@Maya"),
        text(", not "),
        mention("@Ann Lee", true),
        text(" or "),
        mention("@Bob"),
        text("."),
      ],
    ],
    ["@团队 在吗", [mention("@团队"), text(" 在吗")]],
    [
      "@Bob @Ann Lee @Bob",
      [mention("@Bob"), text(" "), mention("@Ann Lee", true), text(" "), mention("@Bob")],
    ],
  ])("are found in %j", (source, parts) => {
    expect(textWithMentions(source, "Ann Lee")).toEqual(parts);
  });

  test("match a completed name", () => {
    expect(mentions(`hello ${mentionOf("Ann Lee")}!`, "Ann Lee")).toBe(true);
    expect(mentions("hello @Ann Leeson", "Ann Lee")).toBe(false);
    expect(mentions("hello", "")).toBe(false);
  });

  test("begin with @ and do not change the text", () => {
    const anyText = fc
      .array(fc.constantFrom("@", "Ann", " ", "Lee", "Bob", ".", "-", "İ", "\u00a0", "x"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(anyText, (source) => {
        const parts = textWithMentions(source, "Ann Lee");
        const shown = parts.map((part) => ("text" in part ? part.text : ""));
        for (const part of parts) if (part.type === "mention") expect(part.text).toMatch(/^@[^@ ]/);
        expect(shown.join("").replace(/\u00a0/g, " ")).toBe(source.replace(/\u00a0/g, " "));
      }),
    );
  });
});
