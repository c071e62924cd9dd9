/** Copying, with a word on how it went. */
import { t } from "../i18n/index.ts";
import { showToast } from "./ui.ts";

/** Copies `text` and says `done`, or that it could not be copied. */
export async function copyText(text: string, done: string): Promise<void> {
  showToast((await copy(text)) ? done : t.peek().notCopied);
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard without a secure context, or it was refused: the old way needs neither.
    return copyFromField(text);
  }
}

function copyFromField(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
