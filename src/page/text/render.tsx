/** Views of a message's text: each node of its tree becomes an element, and its strings become text. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { CodeBlock } from "../components/code-block.tsx";
import { isEmojiOnly } from "./emoji.ts";
import type { Inline } from "./inline.ts";
import { type Block, parseMarkdown } from "./markdown.ts";

interface MessageTextProps {
  readonly text: string;
  readonly ownName: string;
}

/** MessageText shows the text of a message. */
export function MessageText({ text, ownName }: MessageTextProps) {
  const content = useMemo(() => renderText(text, ownName), [text, ownName]);
  return <>{content}</>;
}

/** Elements that show `text`. */
export function renderText(text: string, ownName: string): ComponentChildren {
  if (isEmojiOnly(text)) return <p class="emoji-only">{text}</p>;
  return parseMarkdown(text, ownName).map(renderBlock);
}

function renderBlock(block: Block, key: number): ComponentChildren {
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
          {block.children.map(renderBlock)}
        </blockquote>
      );
    case "code":
      return <CodeBlock key={key} text={block.text} language={block.language} />;
    case "list": {
      const items = block.items.map((item, index) => (
        <li key={index} dir="auto">
          {item.map(renderBlock)}
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
      return (
        <span key={key} class={inline.own ? "mention own" : "mention"}>
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
