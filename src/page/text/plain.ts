/** A message's text in one line, without Markdown: for quotes and notes. Pure. */
import { parseMarkdown } from "./markdown.ts";
import type { Inline, TextBlock } from "./tree.ts";

/** Returns `text` without marks; blocks and lines are joined with spaces. */
export function plainText(text: string): string {
  return parseMarkdown(text).map(ofBlock).join(" ").replace(/\s+/gu, " ").trim();
}

function ofBlock(block: TextBlock): string {
  switch (block.type) {
    case "empty":
      return "";
    case "paragraph":
      return block.children.map(ofInline).join("");
    case "quote":
      return block.children.map(ofBlock).join(" ");
    case "code":
      return block.text;
    case "list":
      return block.items.map((item) => item.map(ofBlock).join(" ")).join(" ");
  }
}

function ofInline(inline: Inline): string {
  switch (inline.type) {
    case "break":
      return " ";
    case "text":
    case "mention":
    case "code":
      return inline.text;
    default:
      return inline.children.map(ofInline).join("");
  }
}
