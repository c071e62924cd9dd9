/**
 * Parses the Markdown of messages. Simple texts, which are most, are parsed here; the full parser is as large as half
 * the page and is loaded when a text first needs it.
 */
import { signal } from "@preact/signals";
import { mayHaveAddress } from "./domains.ts";
import type { fullMarkdown } from "./full-markdown.ts";
import { safeLink } from "./links.ts";
import { textWithMentions } from "./mentions.ts";
import type { Inline, TextBlock } from "./tree.ts";

/** The full parser: `null` until it is loaded, `undefined` if loading failed. */
const parser = signal<typeof fullMarkdown | null | undefined>(null);
let loading: Promise<void> | null = null;

/**
 * Returns the tree of a message's text. Mentions of `ownName` are marked as own. A text that needs the full parser
 * before it is loaded is returned as typed; the caller draws it again when the parser is there.
 */
export function parseMarkdown(text: string, ownName = ""): readonly TextBlock[] {
  const simple = simpleMarkdown(text, ownName);
  if (simple !== null) return simple;
  const parse = parser.peek() ?? parser.value;
  if (parse) return parse(text, ownName);
  void loadMarkdown();
  return [{ type: "paragraph", children: textWithMentions(text, ownName) }];
}

/** Returns whether the full parser is loaded. */
export function knowsAllMarkdown(): boolean {
  return Boolean(parser.peek());
}

/** Returns whether `texts` can be drawn in their final form: they are simple, or the full parser has been tried. */
export function canRead(texts: readonly string[]): boolean {
  if (parser.value !== null || texts.every((text) => simpleMarkdown(text, "") !== null)) return true;
  void loadMarkdown();
  return false;
}

/** Loads the full parser. */
export function loadMarkdown(): Promise<void> {
  loading ??= import("./full-markdown.ts").then(
    ({ fullMarkdown }) => {
      parser.value = fullMarkdown;
    },
    () => {
      parser.value = undefined;
      loading = null;
    },
  );
  return loading;
}

/** A message that is one block of code. */
const CODE = /^```([\w+#.-]{0,20})\n((?!\s*\n)(?:(?!```|~~~)[^\r\t])*[^\s`~])\n```$/;
/** A text with more marks is not simple. */
const MAX_MARKS = 100;
/** The beginning of a line that may start a block, or continue the block above. */
const BEGINS_BLOCK = /^(?:[-+>#=|:\s]|\d{1,9}[.)]|```|\*\*\*|\* )/;
const LIST_ITEM = /^- (?=\S)/;
const QUOTE_LINE = /^> (?=\S)/;

/** Found in every line that matches `MARKED`; most lines have none. */
const MAY_BE_MARKED = /[`*]|https?:/;
/**
 * Code, bold, italic, and an address between spaces. The expression is compiled while the first messages wait, so it
 * has no Unicode classes, which are slow to compile.
 */
const MARKED =
  /(?<!`)`([^`\s](?:[^`]*[^`\s])?)`(?!`)|(?<![^\s(])(\*{1,2})([^\s*`_~<>[\]\\:/](?:[^*`_~<>[\]\\:/]*[^\s*`_~<>[\]\\:/])?)\2(?![^\s.,!?;:)])|(?<!\S)(https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9](?:[/?#][\w/?#=&%+.:-]*)?(?<=[A-Za-z0-9/]))(?!\S)/g;
/** A mark that is left after these are removed: the text is not simple. */
const UNREAD = /[\\`*_~[\]<]|https?:/i;

/**
 * Returns the tree of a simple text, or `null` for any other: paragraphs, one block of code, plain lists and quotes,
 * with bold, italic, code and addresses inside. Ambiguous and rare syntax is left to the full parser. Pure.
 */
export function simpleMarkdown(text: string, ownName: string): readonly TextBlock[] | null {
  const code = CODE.exec(text);
  if (code !== null) return [{ type: "code", text: code[2] ?? "", language: code[1] ?? "" }];
  if ((text.match(/[`*]/g)?.length ?? 0) > MAX_MARKS) return null;
  const found: TextBlock[] = [];
  for (const part of text.split("\n\n")) {
    const block = blockOf(part.split("\n"), ownName);
    const before = found.at(-1)?.type ?? "paragraph";
    // Two lists with an empty line between them are one, and a block after a list may belong to it.
    if (block === null || (block.type !== "paragraph" && before !== "paragraph")) return null;
    found.push(block);
  }
  return found;
}

function blockOf(lines: readonly string[], ownName: string): TextBlock | null {
  if (lines.every((line) => LIST_ITEM.test(line))) {
    const items = lines.map((line) => paragraph([line.slice(2)], ownName));
    return items.every((item) => item !== null)
      ? { type: "list", ordered: false, start: 1, items: items.map((item) => [item]) }
      : null;
  }
  if (lines.every((line) => QUOTE_LINE.test(line))) {
    const quoted = paragraph(
      lines.map((line) => line.slice(2)),
      ownName,
    );
    return quoted && { type: "quote", children: [quoted] };
  }
  return paragraph(lines, ownName);
}

function paragraph(lines: readonly string[], ownName: string): TextBlock | null {
  const children: Inline[] = [];
  for (const line of lines) {
    const inlines = BEGINS_BLOCK.test(line) || /(?:^|\s)$/.test(line) ? null : inlinesOf(line, ownName);
    if (inlines === null) return null;
    if (children.length > 0) children.push({ type: "break" });
    children.push(...inlines);
  }
  return { type: "paragraph", children };
}

function inlinesOf(line: string, ownName: string): Inline[] | null {
  const found: Inline[] = [];
  let rest = 0;
  const takeText = (end: number): boolean => {
    const text = line.slice(rest, end);
    if (text !== "") found.push(...textWithMentions(text, ownName));
    return !UNREAD.test(text) && !mayHaveAddress(text);
  };
  for (const match of MAY_BE_MARKED.test(line) ? line.matchAll(MARKED) : []) {
    if (!takeText(match.index)) return null;
    const inline = inlineOf(match, ownName);
    if (inline === null) return null;
    found.push(inline);
    rest = match.index + match[0].length;
  }
  return takeText(line.length) ? found : null;
}

function inlineOf([, code, stars, bold = "", address = ""]: RegExpExecArray, ownName: string): Inline | null {
  if (code !== undefined) return { type: "code", text: code };
  if (mayHaveAddress(bold)) return null;
  if (stars !== undefined)
    return { type: stars.length === 2 ? "strong" : "em", children: textWithMentions(bold, ownName) };
  const href = safeLink(address);
  return href === null ? null : { type: "link", href, children: [{ type: "text", text: address }] };
}
