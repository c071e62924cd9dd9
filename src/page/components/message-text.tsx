/** The text of a message. */
import { useMemo } from "preact/hooks";
import { useSession } from "../state/context.ts";
import { knowsAllMarkdown } from "../text/markdown.ts";
import { renderText } from "../text/render.tsx";
import { CodeBlock } from "./code-block.tsx";

export function MessageText({ text }: { readonly text: string }) {
  const name = useSession().ownName.value;
  // Reading a text is the slow part of showing it.
  return useMemo(() => <>{renderText(text, name, CodeBlock)}</>, [text, name, knowsAllMarkdown()]);
}
