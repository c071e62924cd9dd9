/**
 * Markdown of any message as a tree, by Marked: a small, safe part of GitHub's flavour. What is not in it (HTML,
 * images, headings, tables, reference links) stays the text that was typed. Pure.
 */
import { Lexer, type MarkedToken, type Token, Tokenizer, type Tokens } from "marked";
import { type Inline, textWithMentions } from "./inline.ts";
import { safeLink } from "./links.ts";
import type { Block } from "./markdown.ts";

/** Quotes and lists inside each other; deeper ones stay text, so that no message is slow to read. */
const MAX_DEPTH = 6;
/** Emphasis and links inside each other. */
const MAX_INLINE_DEPTH = 8;
/** Marks in one paragraph. Reading it takes their number times its length, which is seconds at worst. */
const MAX_MARKS = 400;
const MARKS = /[*_~`[\]<>]/g;

/** ChatTokenizer knows the part of Markdown that a chat needs. */
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
  /** Only whole addresses: neither `www.` nor e-mail becomes a link. */
  override url(src: string): Tokens.Link | undefined {
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

/** ChatLexer leaves a paragraph of more marks than anyone means as it was typed. */
class ChatLexer extends Lexer {
  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    if ((src.match(MARKS)?.length ?? 0) <= MAX_MARKS) return super.inlineTokens(src, tokens);
    tokens.push({ type: "text", raw: src, text: src });
    return tokens;
  }
}

/** Tree of any text. `ownName` is whose mentions are marked as the reader's own. */
export function fullMarkdown(text: string, ownName: string): readonly Block[] {
  const lexer = new ChatLexer({ gfm: true, breaks: true, tokenizer: new ChatTokenizer() });
  try {
    return blocks(lexer.lex(text), ownName);
  } catch {
    // Whatever a parser trips over is still readable as it was typed.
    return [{ type: "paragraph", children: [{ type: "text", text }] }];
  }
}

function blocks(tokens: readonly Token[], ownName: string): Block[] {
  const found: Block[] = [];
  for (const token of tokens) {
    const block = blockOf(known(token), ownName);
    if (block !== null) found.push(block);
  }
  return found;
}

/** No extension is in use, so that every token is one of Marked's own. */
function known(token: Token): MarkedToken {
  return token as MarkedToken;
}

function blockOf(token: MarkedToken, ownName: string): Block | null {
  switch (token.type) {
    case "space":
      return null;
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
        children: token.tokens ? inlines(token.tokens, ownName, 0) : textWithMentions(token.text, ownName),
      };
    default:
      return { type: "paragraph", children: textWithMentions(token.raw.trimEnd(), ownName) };
  }
}

function listItem(item: Tokens.ListItem, ownName: string): Block[] {
  const [first, ...rest] = blocks(
    item.tokens.filter((token) => token.type !== "checkbox"),
    ownName,
  );
  if (!item.task || first?.type !== "paragraph") return first ? [first, ...rest] : [];
  const box: Inline = { type: "text", text: item.checked ? "\u2611 " : "\u2610 " };
  return [{ type: "paragraph", children: [box, ...first.children] }, ...rest];
}

function inlines(tokens: readonly Token[], ownName: string, depth: number): Inline[] {
  const found: Inline[] = [];
  let text = "";
  const flush = (): void => {
    if (text !== "") found.push(...textWithMentions(text, ownName));
    text = "";
  };
  for (const token of tokens) {
    const inline = inlineOf(known(token), ownName, depth);
    if (typeof inline === "string") text += inline;
    else {
      flush();
      found.push(inline);
    }
  }
  flush();
  return found;
}

/** The element that `token` is; a string is text, which joins with that of its neighbours. */
function inlineOf(token: MarkedToken, ownName: string, depth: number): Inline | string {
  if (depth >= MAX_INLINE_DEPTH) return token.raw;
  switch (token.type) {
    case "text":
      // As typed: a character reference like `&#106;` is no Markdown of a chat.
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
      return { type: token.type, children: inlines(token.tokens, ownName, depth + 1) };
    case "link": {
      const href = safeLink(token.href);
      if (href === null) return token.raw;
      // A name inside a link is the link's text, no mention.
      return { type: "link", href, children: inlines(token.tokens, "", depth + 1) };
    }
    default:
      return token.raw;
  }
}
