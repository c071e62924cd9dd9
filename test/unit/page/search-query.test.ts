import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readQuery } from "../../../src/page/text/search-query.ts";

const zone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = "Asia/Shanghai";
});
afterAll(() => {
  process.env.TZ = zone;
});

/** Returns what is sent for `text`, or the error. */
function sent(text: string): unknown {
  const query = readQuery(text);
  return query.type === "query" ? query.q : query;
}

describe("readQuery", () => {
  test.each([
    ["before:2026-01-31", "before:2026-01-30T16:00:00.000Z"],
    ["AFTER:2026/2/1 tea", "after:2026-01-31T16:00:00.000Z tea"],
    ['before:"2026-01" tea', "before:2025-12-31T16:00:00.000Z tea"],
    ["after:2026", "after:2025-12-31T16:00:00.000Z"],
    ["before:2026-01-31T12:00", "before:2026-01-31T04:00:00.000Z"],
    ["before:2026-01-31T12:00:00Z", "before:2026-01-31T12:00:00.000Z"],
  ])("sends the days of %s as times of the user's zone", (text, q) => {
    expect(sent(text)).toBe(q);
  });

  test.each(["yesterday", "2026-02-30", "2026-13-01", "12", "26-01-31"])("rejects the date %s", (value) => {
    expect(readQuery(`tea before:${value}`)).toEqual({ type: "error", error: { type: "date", value } });
  });

  test("leaves what is not a filter as it is", () => {
    const text = 'from:"before:1 x" "before:2 y" xbefore:3 https://a.example/before:4';
    expect(sent(text)).toBe(text);
  });

  test("accepts filters and quotation marks as Chinese keyboards write them", () => {
    expect(sent("from：小林 before：2026-01-31 “周六 早上”")).toBe(
      'from:小林 before:2026-01-30T16:00:00.000Z "周六 早上"',
    );
  });

  test.each(["", "  ", "from:", "tea before:", "has:", "has:li", "has:f"])(
    "waits while %j is not finished",
    (text) => {
      expect(readQuery(text)).toEqual({ type: "empty" });
    },
  );

  test("reports another has: and queries that are too long", () => {
    expect(readQuery("has:photo")).toEqual({ type: "error", error: { type: "has", value: "photo" } });
    expect(readQuery("码".repeat(134))).toEqual({ type: "error", error: { type: "too-long" } });
    expect(readQuery("a ".repeat(21))).toEqual({ type: "error", error: { type: "too-long" } });
  });

  test("returns the words and the author to mark", () => {
    expect(readQuery('TEA "a b" from:Ann')).toMatchObject({ words: ["tea", "a b"], from: "ann" });
  });
});
