// Addresses that messages may link to.
import { describe, expect, test } from "vitest";
import { safeLink } from "../../../src/page/text/links.ts";

describe("links", () => {
  test.each([
    ["https://example.com", "https://example.com/"],
    ["HTTP://Example.com/A?b#c", "http://example.com/A?b#c"],
    ["https://例え.jp/", "https://xn--r8jz45g.jp/"],
  ])("%s becomes %s", (href, address) => {
    expect(safeLink(href)).toBe(address);
  });

  test.each([
    "javascript:alert(1)",
    "//a.example",
    "/r/x",
    "https:a",
    "https://",
    "https://u:p@a.example",
    "mailto:a@b.example",
    "data:,x",
    "",
  ])("%j is not a link", (href) => {
    expect(safeLink(href)).toBeNull();
  });
});
