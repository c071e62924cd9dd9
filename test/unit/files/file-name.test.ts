import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanFileName, contentDisposition } from "../../../src/files/file-name.ts";

const BINARY = "application/octet-stream";

describe("a file name", () => {
  test.each([
    ["cat.zip", "cat.zip"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\ann\\notes.txt", "notes.txt"],
    ["a/", undefined],
    ["..", undefined],
    [" . ", undefined],
    ["", undefined],
    [".htaccess", "htaccess"],
    ["notes. ", "notes"],
    ["a\u0000b\u001b[31m\r\nc.txt", "ab[31mc.txt"],
    ["photo\u202egnp.exe", "photognp.exe"],
    ["zero\u200bwidth\ufeff.txt", "zerowidth.txt"],
    ['a<b>c:d"e|f?g*h.txt', "a_b_c_d_e_f_g_h.txt"],
    ["line\u2028break.txt", "line_break.txt"],
    ["two   spaces.txt", "two spaces.txt"],
    ["CON", "_CON"],
    ["con.txt", "_con.txt"],
    ["com1.tar.gz", "_com1.tar.gz"],
    ["confetti.txt", "confetti.txt"],
    ["团队 照片.zip", "团队 照片.zip"],
    ["cafe\u0301.txt", "caf\u00e9.txt"],
  ])("%j becomes %j", (raw, name) => {
    expect(cleanFileName(raw, BINARY)).toBe(name);
  });

  test.each([
    ["cat.png", "image/png", "cat.png"],
    ["cat.PNG", "image/png", "cat.PNG"],
    ["cat.jpeg", "image/jpeg", "cat.jpeg"],
    ["cat.html", "image/png", "cat.html.png"],
    ["cat", "image/webp", "cat.webp"],
    ["cat.svg", "image/gif", "cat.svg.gif"],
    ["cat.png", "image/avif", "cat.png.avif"],
    ["cat.png", BINARY, "cat.png"],
  ])("%s of the type %s ends as its type demands: %s", (raw, type, name) => {
    expect(cleanFileName(raw, type)).toBe(name);
  });

  test("is cut between characters to 240 bytes, and keeps its ending", () => {
    for (const raw of [`${"a".repeat(300)}.png`, `${"团".repeat(300)}.png`, `${"👩‍👧".repeat(100)}.png`]) {
      const name = cleanFileName(raw, "image/png") ?? "";
      expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(240);
      expect(name).toMatch(/\.png$/);
      expect(name.isWellFormed()).toBe(true);
    }
  });

  test("of any text is one harmless part of a path, and cleaning it again changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.constantFrom("image/png", BINARY), (raw, type) => {
        const name = cleanFileName(raw, type);
        if (name === undefined) return;
        expect(name).not.toMatch(/[/\\\p{Cc}<>:"|?*\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(name).not.toMatch(/^[. ]|[. ]$/);
        expect(cleanFileName(name, type)).toBe(name);
      }),
    );
  });
});

test.each([
  [true, "cat.png", "inline; filename*=UTF-8''cat.png"],
  [false, undefined, "attachment"],
  [false, "团.zip", "attachment; filename*=UTF-8''%E5%9B%A2.zip"],
  [false, `it's (a) "*".txt`, "attachment; filename*=UTF-8''it%27s%20%28a%29%20%22%2A%22.txt"],
])("the header of a name, inline %s: %s", (isInline, name, header) => {
  expect(contentDisposition(isInline, name)).toBe(header);
});
