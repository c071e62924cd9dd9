/**
 * Parses the Markdown of any message with Marked: a small, safe part of GitHub's flavour. Other syntax (HTML, images,
 * headings, tables, reference links) stays as typed. Pure.
 */
import { Lexer, type MarkedToken, type Token, Tokenizer, type Tokens } from "marked";

import { safeLink } from "./links.ts";
import { textWithMentions } from "./mentions.ts";
import { textWithLinks } from "./plain-links.ts";
import type { Inline, TextBlock } from "./tree.ts";

/** Nesting of quotes and lists; deeper ones stay text, so that no message is slow to parse. */
const MAX_DEPTH = 6;
/** Empty lines in a row that are shown. */
const MAX_EMPTY_LINES = 8;
/** Nesting of emphasis and links. */
const MAX_INLINE_DEPTH = 8;
/** Marks in one paragraph. Parsing takes O(marks * length): seconds for the longest message without this limit. */
const MAX_MARKS = 400;
const MARKS = /[*_~`[\]<>]/g;

/** ChatTokenizer accepts the part of Markdown that a chat needs. */
class ChatTokenizer extends Tokenizer {
  #depth = 0;

  override blockquote(src: string): Tokens.Blockquote | undefined {
    return this.#nested(() => super.blockquote(src));
  }
  override list(src: string): Tokens.List | undefined {
    return this.#nested(() => super.list(src));
  }
  override code(): undefined {}
  override heading(): undefined {}
  override lheading(): undefined {}
  override hr(): undefined {}
  override html(): undefined {}
  override def(): undefined {}
  override table(): undefined {}
  override tag(): undefined {}
  override reflink(): undefined {}
  /** Only addresses with a scheme or `www.`; other domains and e-mail addresses are found in the text later. */
  override url(src: string): Tokens.Link | undefined {
    if (/^www\./i.test(src)) {
      const link = super.url(src);
      return link && { ...link, href: `https://${link.raw}` };
    }
    return /^https?:\/\//i.test(src) ? super.url(src) : undefined;
  }
  override autolink(src: string): Tokens.Link | undefined {
    return /^<https?:\/\//i.test(src) ? super.autolink(src) : undefined;
  }

  #nested<T>(read: () => T): T | undefined {
    if (this.#depth >= MAX_DEPTH) return undefined;
    this.#depth += 1;
    try {
      return read();
    } finally {
      this.#depth -= 1;
    }
  }
}

/** ChatLexer leaves a paragraph with more than `MAX_MARKS` marks as typed. */
class ChatLexer extends Lexer {
  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    if ((src.match(MARKS)?.length ?? 0) <= MAX_MARKS) return super.inlineTokens(src, tokens);
    tokens.push({ type: "text", raw: src, text: src });
    return tokens;
  }
}

/** Returns the tree of any text. Mentions of `ownName` are marked as own. */
export function fullMarkdown(text: string, ownName: string): readonly TextBlock[] {
  const lexer = new ChatLexer({ gfm: true, breaks: true, tokenizer: new ChatTokenizer() });
  try {
    return blocks(lexer.lex(text), ownName);
  } catch {
    // A text that the parser fails on is still readable as typed.
    return [{ type: "paragraph", children: [{ type: "text", text }] }];
  }
}

function blocks(tokens: readonly Token[], ownName: string): TextBlock[] {
  const found: TextBlock[] = [];
  for (const token of tokens) {
    const block = blockOf(known(token), ownName);
    if (block !== null) found.push(block);
  }
  if (found.at(-1)?.type === "empty") found.pop();
  if (found[0]?.type === "empty") found.shift();
  return found;
}

/** No extensions are in use, so every token is one of Marked's own. */
function known(token: Token): MarkedToken {
  return token as MarkedToken;
}

function blockOf(token: MarkedToken, ownName: string): TextBlock | null {
  switch (token.type) {
    case "space": {
      // One empty line separates paragraphs.
      const lines = Math.min(MAX_EMPTY_LINES, (token.raw.match(/\n/g)?.length ?? 0) - 2);
      return lines > 0 ? { type: "empty", lines } : null;
    }
    case "code":
      return {
        type: "code",
        text: token.text,
        language: /^[\w+#.-]{1,20}/.exec(token.lang ?? "")?.[0] ?? "",
      };
    case "blockquote":
      return { type: "quote", children: blocks(token.tokens, ownName) };
    case "list": {
      const items = token.items.map((item) => listItem(item, ownName));
      return { type: "list", ordered: token.ordered, start: token.start === "" ? 1 : token.start, items };
    }
    case "paragraph":
      return { type: "paragraph", children: inlines(token.tokens, ownName, 0) };
    case "text":
      return {
        type: "paragraph",
        children: token.tokens ? inlines(token.tokens, ownName, 0) : textWithLinks(token.text, ownName),
      };
    default:
      return { type: "paragraph", children: textWithLinks(token.raw.trimEnd(), ownName) };
  }
}

function listItem(item: Tokens.ListItem, ownName: string): TextBlock[] {
  const [first, ...rest] = blocks(
    item.tokens.filter((token) => token.type !== "checkbox"),
    ownName,
  );
  if (!item.task || first?.type !== "paragraph") return first ? [first, ...rest] : [];
  const box: Inline = { type: "text", text: item.checked ? "\u2611 " : "\u2610 " };
  return [{ type: "paragraph", children: [box, ...first.children] }, ...rest];
}

function inlines(
  tokens: readonly Token[],
  ownName: string,
  depth: number,
  read: (text: string, ownName: string) => Inline[] = textWithLinks,
): Inline[] {
  const found: Inline[] = [];
  let text = "";
  const flush = (): void => {
    found.push(...read(text, ownName));
    text = "";
  };
  for (const token of tokens) {
    const inline = inlineOf(known(token), ownName, depth, read);
    if (typeof inline === "string") text += inline;
    else {
      flush();
      found.push(inline);
    }
    // The token of a line break contains the indentation of the next line.
    if (token.type === "br") text += token.raw.slice(token.raw.indexOf("\n") + 1);
  }
  flush();
  return found;
}

/** Returns the element of `token`; a string is text, to be joined with adjacent text. */
function inlineOf(
  token: MarkedToken,
  ownName: string,
  depth: number,
  read: (text: string, ownName: string) => Inline[],
): Inline | string {
  if (depth >= MAX_INLINE_DEPTH) return token.raw;
  switch (token.type) {
    case "text":
      // As typed: a character reference like `&#106;` stays text.
      return token.raw;
    case "escape":
      return token.text;
    case "checkbox":
      return "";
    case "br":
      return { type: "break" };
    case "codespan":
      return { type: "code", text: token.text };
    case "strong":
    case "em":
    case "del":
      return { type: token.type, children: inlines(token.tokens, ownName, depth + 1, read) };
    case "link": {
      const href = safeLink(token.href);
      if (href === null) return token.raw;
      // A name inside a link is not a mention, and an address not another link.
      return { type: "link", href, children: inlines(token.tokens, "", depth + 1, textWithMentions) };
    }
    default:
      return token.raw;
  }
}
