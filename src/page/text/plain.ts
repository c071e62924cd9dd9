/** Text of a message without its Markdown, in one line: for where there is room for no more. Pure. */
import type { Inline } from "./inline.ts";
import { type Block, parseMarkdown } from "./markdown.ts";

/** `text` as it reads, without marks; blocks and lines are joined by spaces. */
export function plainText(text: string): string {
  return parseMarkdown(text).map(ofBlock).join(" ").replace(/\s+/gu, " ").trim();
}

function ofBlock(block: Block): string {
  switch (block.type) {
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
