/**
 * Markdown of a message as a tree. Most messages are simple and read at once; the parser that knows the rest is
 * loaded when it is first needed, since it is as large as half the page. Views map the tree to elements, so no
 * string ever becomes markup.
 */
import { signal } from "@preact/signals";
import type { fullMarkdown } from "./full-markdown.ts";
import { type Inline, textWithMentions } from "./inline.ts";
import { simpleMarkdown } from "./simple-markdown.ts";

/** Block is a part of a message that stands on its own lines. */
export type Block =
  | { readonly type: "paragraph"; readonly children: readonly Inline[] }
  | { readonly type: "quote"; readonly children: readonly Block[] }
  | { readonly type: "code"; readonly text: string; readonly language: string }
  | {
      readonly type: "list";
      readonly ordered: boolean;
      readonly start: number;
      readonly items: readonly (readonly Block[])[];
    };

/** The parser of all texts: `null` until it is there, `undefined` as long as it could not be loaded. */
const parser = signal<typeof fullMarkdown | null | undefined>(null);
let loading: Promise<void> | null = null;

/**
 * Tree of a message's text. `ownName` is whose mentions are marked as the reader's own. As long as the parser for it
 * is not there, it is loaded, and the text is shown as it was typed; whoever draws it draws it again then.
 */
export function parseMarkdown(text: string, ownName = ""): readonly Block[] {
  const simple = simpleMarkdown(text, ownName);
  if (simple !== null) return simple;
  const parse = parser.peek() ?? parser.value;
  if (parse) return parse(text, ownName);
  void loadMarkdown();
  return [{ type: "paragraph", children: textWithMentions(text, ownName) }];
}

/** Whether all texts can be read: until then, those that are not simple are shown as they were typed. */
export function knowsAllMarkdown(): boolean {
  return Boolean(parser.peek());
}

/** Whether `texts` need not be drawn again: those that are not simple wait for their parser, unless it cannot be had. */
export function canRead(texts: readonly string[]): boolean {
  if (parser.value !== null || texts.every((text) => simpleMarkdown(text, "") !== null)) return true;
  void loadMarkdown();
  return false;
}

/** Loads the parser of all texts. */
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
