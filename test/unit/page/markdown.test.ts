// Markdown of messages: trees, elements, and harmless results for harmful texts.
import fc from "fast-check";
import { type ComponentChildren, isValidElement } from "preact";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { renderText } from "../../../src/page/components/message-text.tsx";
import { fullMarkdown } from "../../../src/page/text/full-markdown.ts";
import { loadMarkdown, parseMarkdown, simpleMarkdown } from "../../../src/page/text/markdown.ts";
import { plainText } from "../../../src/page/text/plain.ts";
import type { Inline, TextBlock } from "../../../src/page/text/tree.ts";
import { xssCorpus } from "../../helpers/xss-corpus.ts";

beforeAll(loadMarkdown);

const text = (value: string): Inline => ({ type: "text", text: value });
const paragraph = (...children: readonly Inline[]): TextBlock => ({ type: "paragraph", children });

const link = (value: string, href: string): Inline => ({ type: "link", href, children: [text(value)] });

/** All elements of a message's text, and the attributes that each may have. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  p: ["class", "dir"],
  br: [],
  strong: [],
  em: [],
  del: [],
  code: [],
  blockquote: ["dir"],
  ul: [],
  ol: ["start"],
  li: ["dir"],
  span: ["class"],
  mark: ["class"],
  a: ["href", "title", "target", "rel"],
  CodeBlock: ["text", "language"],
};

/** Checks each element of what was rendered, and returns its text. */
function checked(children: ComponentChildren): string {
  if (Array.isArray(children)) return children.map(checked).join("");
  if (children === null || children === undefined || typeof children === "boolean") return "";
  if (!isValidElement(children)) return String(children);
  const { type, props } = children;
  const name = typeof type === "string" ? type : type.name;
  const { children: inside, ...attributes } = props as Record<string, ComponentChildren>;
  expect(ALLOWED, `an element <${name}>`).toHaveProperty(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    expect(ALLOWED[name], `<${name} ${attribute}>`).toContain(attribute);
    expect(["string", "number", "undefined"]).toContain(typeof value);
  }
  if (name === "a") {
    const isMail = /^mailto:[^?]+@/.test(String(attributes.href));
    expect(attributes.rel).toBe("noopener noreferrer nofollow");
    if (!isMail) expect(attributes.target).toBe("_blank");
    if (!isMail) expect(String(attributes.href)).toMatch(/^https?:\/\//);
    expect(URL.parse(String(attributes.href))?.username).toBe("");
  }
  return name === "CodeBlock" ? String(attributes.text) : checked(inside as ComponentChildren);
}

describe("Markdown", () => {
  test.each<[string, readonly TextBlock[]]>([
    ["plain words", [paragraph(text("plain words"))]],
    ["a\nb", [paragraph(text("a"), { type: "break" }, text("b"))]],
    ["a\n\nb", [paragraph(text("a")), paragraph(text("b"))]],
    ["**b**", [paragraph({ type: "strong", children: [text("b")] })]],
    ["_i_", [paragraph({ type: "em", children: [text("i")] })]],
    ["~~d~~", [paragraph({ type: "del", children: [text("d")] })]],
    ["`c <b>`", [paragraph({ type: "code", text: "c <b>" })]],
    ["```ts\nlet a;\n```", [{ type: "code", text: "let a;", language: "ts" }]],
    ["> q", [{ type: "quote", children: [paragraph(text("q"))] }]],
    [
      "- a\n- b",
      [{ type: "list", ordered: false, start: 1, items: [[paragraph(text("a"))], [paragraph(text("b"))]] }],
    ],
    ["3. c", [{ type: "list", ordered: true, start: 3, items: [[paragraph(text("c"))]] }]],
    [
      "- [x] done",
      [{ type: "list", ordered: false, start: 1, items: [[paragraph(text("☑ "), text("done"))]] }],
    ],
    [
      "[x](https://a.example/b)",
      [paragraph({ type: "link", href: "https://a.example/b", children: [text("x")] })],
    ],
    [
      "see https://a.example/b.",
      [
        paragraph(
          text("see "),
          { type: "link", href: "https://a.example/b", children: [text("https://a.example/b")] },
          text("."),
        ),
      ],
    ],
    [
      "if (a)\n    b;\n\n\n\tc",
      [
        paragraph(text("if (a)"), { type: "break" }, text("    b;")),
        { type: "empty", lines: 1 },
        paragraph(text("\tc")),
      ],
    ],
    ["www.example.in/a.", [paragraph(link("www.example.in/a", "https://www.example.in/a"), text("."))]],
    ["(example.com)", [paragraph(text("("), link("example.com", "https://example.com/"), text(")"))]],
    ["ask ann@example.org", [paragraph(text("ask "), link("ann@example.org", "mailto:ann@example.org"))]],
  ])("parses %j", (source, tree) => {
    expect(parseMarkdown(source)).toEqual(tree);
  });

  test.each([
    "# heading",
    "<b>bold</b>",
    "![x](https://a.example/x.png)",
    "    indented",
    "index.ts and README.md",
    "e.g.this",
    "ftp://example.com",
    "&lt;b&gt;",
    "5 * 3 * 2",
    "snake_case_word",
    "[x]",
    "---",
  ])("leaves %j as typed", (source) => {
    expect(parseMarkdown(source)).toEqual([paragraph(text(source))]);
  });

  test("leaves a table as typed, line by line", () => {
    expect(checked(renderText("| a |\n|---|\n| b |", ""))).toBe("| a ||---|| b |");
  });

  test.each([
    [">", 8_192],
    ["> ", 4_096],
    ["- ", 4_096],
    ["> - ", 2_048],
    ["*a ", 2_700],
    ["**a *a", 1_300],
    ["[", 8_192],
    ["![", 4_096],
    ["[a](", 2_048],
    ["@a", 4_096],
  ])("parses many repetitions of %j to the end", (part, times) => {
    expect(checked(renderText(part.repeat(times), "a")).length).toBeGreaterThan(0);
  });
});

describe("a paragraph with too many marks", () => {
  const many = "*a* ".repeat(2_000).trim();

  test("stays as typed", () => {
    expect(parseMarkdown(many)).toEqual([paragraph(text(many))]);
  });

  test("does not affect the blocks beside it", () => {
    expect(parseMarkdown(`**bold**\n\n${many}\n\n\`\`\`\n${many}\n\`\`\``)).toEqual([
      paragraph({ type: "strong", children: [text("bold")] }),
      paragraph(text(many)),
      { type: "code", text: many, language: "" },
    ]);
  });

  test("has more marks than people write", () => {
    const bold: Inline = { type: "strong", children: [text("a")] };
    const words = Array.from({ length: 80 }, (_, index) => (index === 0 ? [bold] : [text(" "), bold])).flat();
    expect(parseMarkdown("**a** ".repeat(80).trim())).toEqual([paragraph(...words)]);
  });
});

describe("a simple text", () => {
  test("without Markdown has the same tree as from the full parser", () => {
    const piece = fc.constantFrom(
      ...[
        "a",
        "1",
        " ",
        "  ",
        "\t",
        "\n",
        ".",
        ")",
        "-",
        "+",
        ">",
        "#",
        "=",
        "|",
        "&amp;",
        "@ann",
        ":",
        "/",
        "!",
      ],
      ...[
        "1. ",
        "- ",
        "---",
        "www.a.b",
        "a.com",
        "a@b.com",
        "a@b.c",
        "http://a.b",
        "HTTPS://a",
        "*",
        "_",
        "`",
        "\u00a0",
        "\u3000",
        "团",
        "😀",
      ],
    );
    fc.assert(
      fc.property(fc.string({ unit: piece, minLength: 1, maxLength: 8 }), (source) => {
        expect(parseMarkdown(source, "ann")).toEqual(fullMarkdown(source, "ann"));
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    "That suits me, the **later** train then.",
    "see https://example.com/a/path?with=a&query=too",
    "@Ada, it is in `src/main.c`, near the *end*.",
    "```ts\nlet a = 1;\n\nlet b = 2;\n```",
    "- bread\n- a *really* good cheese",
    "> as you said\n\nYes, exactly that.",
    "one\ntwo",
  ])("such as %j does not need the full parser", (source) => {
    expect(simpleMarkdown(source, "")).toEqual(fullMarkdown(source, ""));
  });

  test("with Markdown has the same tree as from the full parser", () => {
    const piece = fc.constantFrom(
      ...["a", "Ann", "团", "1", " ", " ", " ", "\n", "\n", "\n\n", "\n\n", "\t", "\r\n", "  "],
      ...["**", "**", "*", "*", "***", "`", "`", "``", "```\n", "\n```", "```js\n", "_", "~~", "~~~", "\\"],
      ...[
        "- ",
        "- ",
        "> ",
        "> ",
        "* ",
        "1. ",
        "# ",
        "---",
        "===",
        "|",
        ":-:|",
        "[",
        "](",
        ")",
        "(",
        "<",
        ">",
      ],
      ...[
        "https://a.bc",
        "http://a.bc/d_e?f=*g",
        "https:",
        "://",
        "www.a.bc",
        "a.com/d",
        "a@b.com",
        "a@b.c",
        "/",
        "@ann",
        "@",
        "&amp;",
      ],
      ...[".", ",", "!", "?", ":", ";", "\u00a0", "\u3000", "😀", "\u200d", "[ ] "],
    );
    fc.assert(
      fc.property(fc.string({ unit: piece, minLength: 1, maxLength: 9 }), (source) => {
        const simple = simpleMarkdown(source, "ann");
        if (simple !== null) expect(simple).toEqual(fullMarkdown(source, "ann"));
      }),
      { numRuns: 20_000 },
    );
  });
});

describe("a text that is not simple", () => {
  test("waits for the full parser, and is shown as typed until then", async () => {
    vi.resetModules();
    const markdown = await import("../../../src/page/text/markdown.ts");
    expect(markdown.canRead(["plain", "**bold**"])).toBe(true);
    expect(markdown.canRead(["plain", "1. one"])).toBe(false);
    expect(markdown.parseMarkdown("1. one")).toEqual([paragraph(text("1. one"))]);
    await markdown.loadMarkdown();
    expect(markdown.canRead(["plain", "1. one"])).toBe(true);
    expect(markdown.parseMarkdown("1. one")).toMatchObject([{ type: "list", ordered: true }]);
  });
});

describe("harmful texts", () => {
  const corpus = xssCorpus("alert(1)");

  test("are at least 100", () => {
    expect(new Set(corpus).size).toBeGreaterThanOrEqual(100);
  });

  test.each(corpus)("%j becomes harmless elements", (source) => {
    checked(renderText(source, "Ann"));
  });

  test.each(corpus.filter((source) => !source.includes("\u0000")))(
    "the words of %j stay readable",
    (source) => {
      const words = (value: string) => value.replace(/[^\p{L}]+/gu, "").toLowerCase();
      // The address of a link is not in its text.
      if (/https?:|```|\[x\]: /i.test(source)) return;
      expect(words(checked(renderText(source, "")))).toBe(words(source));
    },
  );

  test("any text becomes harmless elements", () => {
    const parts = fc.constantFrom(
      "<",
      ">",
      "[",
      "](",
      ")",
      "`",
      "```",
      "*",
      "_",
      "~~",
      "\n",
      "> ",
      "- ",
      "1. ",
      "\\",
      "&#",
      "!",
      "|",
      ":",
      "//",
      "https://",
      "javascript:",
      "data:",
      '"',
      "'",
      "onerror=",
      "@",
      " ",
      "\t",
      "\uD800",
      "\u202E",
      "😀",
    );
    const anyText = fc.array(fc.oneof(parts, fc.string({ unit: "binary", maxLength: 5 })), { maxLength: 60 });
    fc.assert(fc.property(anyText, (pieces) => void checked(renderText(pieces.join(""), "Ann"))));
  });
});

describe("plain text in one line", () => {
  test.each([
    ["low water at **06:40**, so we *can* ~~not~~", "low water at 06:40, so we can not"],
    ["one\ntwo\n\nthree", "one two three"],
    ["- a\n- b `c`\n\n> d", "a b c d"],
    ["```js\nlet x;\n  y\n```", "let x; y"],
    ["[a link](https://example.com) to @Bob", "a link to @Bob"],
    ["2 * 3 * 4", "2 * 3 * 4"],
  ])("of %j is %j", (source, line) => {
    expect(plainText(source)).toBe(line);
  });
});
