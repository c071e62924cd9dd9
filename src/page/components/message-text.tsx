/** The text of a message: each node of its tree becomes an element, and each string becomes text. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { copyText } from "../effects/clipboard.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { roomLink } from "../state/room-names.ts";
import { isEmojiOnly } from "../text/emoji.ts";
import { knowsAllMarkdown, parseMarkdown } from "../text/markdown.ts";
import type { Inline, TextBlock } from "../text/tree.ts";
import { Icon } from "./icon.tsx";

export function MessageText({ text }: { readonly text: string }) {
  const name = useOpenRoom().ownName.value;
  // Parsing is the slow part of drawing a text.
  return useMemo(() => <>{renderText(text, name)}</>, [text, name, knowsAllMarkdown()]);
}

/** Returns the elements that show `text`. Mentions of `ownName` are marked as own. */
export function renderText(text: string, ownName: string): ComponentChildren {
  if (isEmojiOnly(text)) return <p class="emoji-only">{text}</p>;
  return parseMarkdown(text, ownName).map(renderBlock);
}

function renderBlock(block: TextBlock, key: number): ComponentChildren {
  switch (block.type) {
    case "empty":
      return <p key={key}>{"\n".repeat(block.lines)}</p>;
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
          target={opensHere(inline.href) ? undefined : "_blank"}
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

/** Whether a link does not open a new tab: it leads to a room of this site, or to the mail program. */
function opensHere(href: string): boolean {
  return href.startsWith("mailto:") || roomLink(href) !== null;
}

/** A code block with a button that copies it. */
export function CodeBlock({ text, language }: { readonly text: string; readonly language: string }) {
  return (
    <figure class="code-block">
      {/* Long lines scroll, so the keyboard must be able to reach them. */}
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        tabIndex={0}
        aria-label={language === "" ? t.value.code : `${t.value.code}: ${language}`}
      >
        <pre>
          <code>{text}</code>
        </pre>
      </section>
      <button
        type="button"
        class="icon-button"
        aria-label={t.value.copyCode}
        title={t.value.copyCode}
        onClick={() => void copyText(text, t.peek().copied)}
      >
        <Icon name="copy" />
      </button>
    </figure>
  );
}
