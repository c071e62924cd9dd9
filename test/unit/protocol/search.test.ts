import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fold, matches, matchRanges, parseQuery } from "../../../src/protocol/search.ts";

const AT = Date.parse("2026-03-10T12:00:00Z");

/** Whether a message with this text, by Ann at noon of 2026-03-10, matches; `invalid` if the query is. */
function found(q: string, text: string): boolean | string {
  const query = parseQuery(q);
  return query.ok ? matches({ text, name: "Ann Lee", at: AT }, query.value) : "invalid";
}

describe("matching", () => {
  test.each([
    ["tea", "Green Tea", true],
    ["TEA green", "Green Tea", true],
    ["tea coffee", "Green Tea", false],
    ['"green tea"', "Green Tea", true],
    ['"tea green"', "Green Tea", false],
    ["茶会", "明天的茶会在三点", true],
    ["ｔｅａ", "tea", true],
    ["tea", "ＴＥＡ", true],
    ["strasse", "Straße", true],
    ["STRASSE", "straße", true],
    ["σισυφος", "ΣΙΣΥΦΟΣ", true],
    ["é", "cafe\u0301", true],
    ["ﬁn", "find", true],
    ["from:ann", "text", true],
    ["from:bob", "text", false],
    ['from:"ann lee"', "text", true],
    ["from:ann tea", "coffee", false],
    ["after:2026-03-10", "text", true],
    ["after:2026-03-11", "text", false],
    ["before:2026-03-10", "text", false],
    ["before:2026-03-11", "text", true],
    ["before:2026-03-10T13:00:01+01:00", "text", true],
    ["has:link", "see https://example.com/x", true],
    ["has:link", "see example", false],
    ["HAS:LINK", "www.example.com", true],
    ["https://example.com", "see https://example.com/x", true],
    ["", "text", "invalid"],
    ["   ", "text", "invalid"],
    ["before:yesterday", "text", "invalid"],
    ["has:picture", "text", "invalid"],
    ["a ".repeat(21), "a", "invalid"],
  ])("%j in %j: %j", (q, text, expected) => {
    expect(found(q, text)).toBe(expected);
  });

  test("finds every part of a text, in any case and width", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), fc.nat(), fc.nat(), (text, a, b) => {
        const chars = [...text];
        const [start, end] = [a % chars.length, b % (chars.length + 1)].sort((x, y) => x - y);
        const part = chars.slice(start, end).join("");
        fc.pre(part !== "" && fold(text).includes(fold(part)));
        const query = { words: [fold(part.toUpperCase())] };
        fc.pre(fold(part.toUpperCase()) === fold(part));
        expect(matches({ text, name: "", at: 0 }, query)).toBe(true);
      }),
    );
  });
});

test.each([
  ["has:file", true],
  ["HAS:FILE holiday", true],
  ["holiday", true],
  ["beach.png", true],
  ["dunes", true],
  ['"photo beach"', false],
  ["chat.example", false],
  ["has:link", false],
  ["has:file mountain", false],
])("%j in a message with a file: %j", (q, expected) => {
  const query = parseQuery(q);
  if (!query.ok) throw new Error("it is valid");
  const message = {
    ...{ text: "Holiday photo\nhttps://chat.example/files/a", name: "Ann", at: AT },
    files: [{ name: "beach.png", alt: "Dunes" }],
  };
  expect(matches(message, query.value)).toBe(expected);
});

test("has:file does not match a message without files", () => {
  expect(found("has:file", "a file")).toBe(false);
});

describe("ranges of a match", () => {
  test.each([
    ["Green Tea, tea", ["tea"], ["Tea", "tea"]],
    ["Straße", ["ss"], ["ß"]],
    ["aaa", ["aa", "a"], ["aaa"]],
    ["明天的茶会", ["茶会"], ["茶会"]],
    ["ＴＥＡ time", ["tea"], ["ＴＥＡ"]],
    ["👍 ok", ["ok"], ["ok"]],
    ["nothing", ["tea"], []],
  ])("%j, %j", (text, words, expected) => {
    expect(matchRanges(text, words).map(([start, end]) => text.slice(start, end))).toEqual(expected);
  });

  test("are in order, without overlap, and inside the text", () => {
    const words = fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 3 }).map(fold), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), words, (text, list) => {
        let last = 0;
        for (const [start, end] of matchRanges(text, list)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
