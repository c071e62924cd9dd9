/**
 * Markdown of simple texts as a tree: paragraphs, one block of code, plain lists and quotes, with bold, italic, code
 * and addresses inside. What may be read in more than one way is left to the parser that knows it all, and so is
 * what people seldom write. Pure.
 */
import { type Inline, textWithMentions } from "./inline.ts";
import { safeLink } from "./links.ts";
import type { Block } from "./markdown.ts";

/** A message that is one block of code. */
const CODE = /^```([\w+#.-]{0,20})\n((?!\s*\n)(?:(?!```|~~~)[^\r\t])*[^\s`~])\n```$/;
/** More marks than this are not simple. */
const MAX_MARKS = 100;
/** What may begin another block, or go on with the one above. */
const BEGINS_BLOCK = /^(?:[-+>#=|:\s]|\d{1,9}[.)]|```|\*\*\*|\* )/;
const LIST_ITEM = /^- (?=\S)/;
const QUOTE_LINE = /^> (?=\S)/;

/** What a line has that has one of those below; most have none. */
const MAY_BE_MARKED = /[`*]|https?:/;
/**
 * Marks of which each is read alone: code, bold, italic, and an address that nothing could be a part of. It is made
 * while the first messages wait, so it has no classes of Unicode, which take their time.
 */
const MARKED =
  /(?<!`)`([^`\s](?:[^`]*[^`\s])?)`(?!`)|(?<![^\s(])(\*{1,2})([^\s*`_~<>[\]\\:/](?:[^*`_~<>[\]\\:/]*[^\s*`_~<>[\]\\:/])?)\2(?![^\s.,!?;:)])|(?<!\S)(https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9](?:[/?#][\w/?#=&%+.:-]*)?(?<=[A-Za-z0-9/]))(?!\S)/g;
/** What makes a text not simple that is left when these are taken out. */
const UNREAD = /[\\`*_~[\]<]|https?:/i;

/** Tree of `text`, or `null` where it is not simple. `ownName` is whose mentions are marked as the reader's own. */
export function simpleMarkdown(text: string, ownName: string): readonly Block[] | null {
  const code = CODE.exec(text);
  if (code !== null) return [{ type: "code", text: code[2] ?? "", language: code[1] ?? "" }];
  if ((text.match(/[`*]/g)?.length ?? 0) > MAX_MARKS) return null;
  const found: Block[] = [];
  for (const part of text.split("\n\n")) {
    const block = blockOf(part.split("\n"), ownName);
    const before = found.at(-1)?.type ?? "paragraph";
    // Two lists with a space between are one, and what follows a list may be in it.
    if (block === null || (block.type !== "paragraph" && before !== "paragraph")) return null;
    found.push(block);
  }
  return found;
}

function blockOf(lines: readonly string[], ownName: string): Block | null {
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

function paragraph(lines: readonly string[], ownName: string): Block | null {
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
    return !UNREAD.test(text);
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
  if (stars !== undefined)
    return { type: stars.length === 2 ? "strong" : "em", children: textWithMentions(bold, ownName) };
  const href = safeLink(address);
  return href === null ? null : { type: "link", href, children: [{ type: "text", text: address }] };
}
