import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exceedsBytes, joinLines, plainLine, splitLines, utf8Length } from "../../../src/protocol/index.ts";

const line = fc
  .string({ unit: "binary", minLength: 1 })
  .map((text) => text.replaceAll("\n", "·").replace(/^\r$/, "·"));

describe("splitLines", () => {
  test("returns the lines that were joined", () => {
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(splitLines(joinLines(lines))).toEqual(lines);
      }),
    );
  });

  test("skips empty lines, such as after a trailing newline", () => {
    expect(splitLines("a\n\nb\n\r\n")).toEqual(["a", "b"]);
    expect(splitLines("")).toEqual([]);
  });
});

describe("utf8Length", () => {
  test("counts the bytes that an encoder writes, lone surrogates included", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "é", "团", "😀", "\uD800", "\uDC00", "\0") }),
        (text) => {
          expect(utf8Length(text)).toBe(new TextEncoder().encode(text).byteLength);
        },
      ),
    );
  });
});

describe("exceedsBytes", () => {
  test.each([
    ["a".repeat(8), 8, false],
    ["a".repeat(9), 8, true],
    ["é".repeat(4), 8, false],
    ["é".repeat(5), 8, true],
    ["团".repeat(3), 8, true],
    ["😀😀", 8, false],
    ["", 0, false],
  ])("of %s with limit %i is %s", (text, limit, expected) => {
    expect(exceedsBytes(text, limit)).toBe(expected);
  });
});

describe("plainLine", () => {
  test.each([
    ["one\ntwo", "one two"],
    ["one\r\ntwo", "one two"],
    ["hi\rBob: yes", "hi Bob: yes"],
    ["\x1b[31mred\x1b[0m\0", "\uFFFD[31mred\uFFFD[0m\uFFFD"],
    ["  padded \n", "padded"],
    ["\n\n", ""],
    ["bare", "bare"],
  ])("of %j is %j", (text, expected) => {
    expect(plainLine(text)).toBe(expected);
  });

  test("contains no newline and no space at either end", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", " ", "\n", "\r") }), (text) => {
        const plain = plainLine(text);
        expect(plain).not.toContain("\n");
        expect(plain).toBe(plain.trim());
      }),
    );
  });
});
