/** Elements of a message's text, and nothing else: each node of its tree becomes an element, and its strings become text. */
import type { ComponentChildren, ComponentType } from "preact";
import { isEmojiOnly } from "./emoji.ts";
import type { Inline } from "./inline.ts";
import { type Block, parseMarkdown } from "./markdown.ts";

/** CodeBlock is what shows a block of code; it is handed in, since it can do more than be shown. */
export type CodeBlock = ComponentType<{ readonly text: string; readonly language: string }>;

/** Elements that show `text`. */
export function renderText(text: string, ownName: string, Code: CodeBlock): ComponentChildren {
  if (isEmojiOnly(text)) return <p class="emoji-only">{text}</p>;
  return parseMarkdown(text, ownName).map((block, key) => renderBlock(block, key, Code));
}

function renderBlock(block: Block, key: number, Code: CodeBlock): ComponentChildren {
  switch (block.type) {
    case "paragraph":
      return (
        <p key={key} dir="auto">
          {block.children.map(renderInline)}
        </p>
      );
    case "quote":
      return (
        <blockquote key={key} dir="auto">
          {block.children.map((child, index) => renderBlock(child, index, Code))}
        </blockquote>
      );
    case "code":
      return <Code key={key} text={block.text} language={block.language} />;
    case "list": {
      const items = block.items.map((item, index) => (
        <li key={index} dir="auto">
          {item.map((child, index) => renderBlock(child, index, Code))}
        </li>
      ));
      return block.ordered ? (
        <ol key={key} start={block.start}>
          {items}
        </ol>
      ) : (
        <ul key={key}>{items}</ul>
      );
    }
  }
}

function renderInline(inline: Inline, key: number): ComponentChildren {
  switch (inline.type) {
    case "text":
      return inline.text;
    case "break":
      return <br key={key} />;
    case "code":
      return <code key={key}>{inline.text}</code>;
    case "mention":
      return inline.own ? (
        <mark key={key} class="mention">
          {inline.text}
        </mark>
      ) : (
        <span key={key} class="mention">
          {inline.text}
        </span>
      );
    case "link":
      return (
        <a
          key={key}
          href={inline.href}
          title={inline.href}
          target="_blank"
          rel="noopener noreferrer nofollow"
        >
          {inline.children.map(renderInline)}
        </a>
      );
    case "strong":
      return <strong key={key}>{inline.children.map(renderInline)}</strong>;
    case "em":
      return <em key={key}>{inline.children.map(renderInline)}</em>;
    case "del":
      return <del key={key}>{inline.children.map(renderInline)}</del>;
  }
}
