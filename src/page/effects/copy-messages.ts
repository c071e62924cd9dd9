/** Copies selected messages as text: one message alone, several with time and author. */
import type { TimelineMessage } from "../../client/index.ts";
import { locale } from "../i18n/index.ts";
import { clockTime } from "../i18n/time.ts";
import { openRoom } from "../state/navigation.ts";
import { textToCopy } from "./message-actions.ts";

/** Call once. The style sheet keeps hidden text and buttons out of other selections. */
export function startCopyMessages(): void {
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (selection === null || selection.isCollapsed || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.matches("input, textarea")) return;
    const text = textOf(selection.getRangeAt(0));
    if (text === null) return;
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
  });
}

/** Returns the text to copy, or `null` if the selection is a part of one message or outside of the timeline. */
function textOf(range: Range): string | null {
  const selected: { readonly message: TimelineMessage; readonly isWhole: boolean }[] = [];
  for (const row of document.querySelectorAll("[role=log] [data-seq]")) {
    const text = row.querySelector(".message-text") ?? row.querySelector(".message-files");
    const message = openRoom.peek()?.message(Number(row.getAttribute("data-seq")));
    if (text === null || message === undefined || message.deleted === true) continue;
    const part = partOf(text, range);
    if (part !== "") selected.push({ message, isWhole: part === text.textContent });
  }
  const [first, ...others] = selected;
  if (first === undefined || (others.length === 0 && !first.isWhole)) return null;
  if (others.length === 0) return textToCopy(first.message);
  return selected
    .map(({ message: { at, name, text } }) => `[${clockTime(at, locale.peek())}] ${name}: ${text}`)
    .join("\n");
}

/** Returns the text of `element` inside `range`. */
function partOf(element: Element, range: Range): string {
  if (!range.intersectsNode(element)) return "";
  const part = document.createRange();
  part.selectNodeContents(element);
  if (part.compareBoundaryPoints(Range.START_TO_START, range) < 0)
    part.setStart(range.startContainer, range.startOffset);
  if (part.compareBoundaryPoints(Range.END_TO_END, range) > 0)
    part.setEnd(range.endContainer, range.endOffset);
  return part.toString();
}
