/** Copies texts, and reports the result in a toast. */
import { t } from "../i18n/index.ts";
import { showToast } from "../state/ui.ts";

/** Copies `text`; the toast shows `done` or an error. */
export async function copyText(text: string, done: string): Promise<void> {
  showToast((await copy(text)) ? done : t.peek().notCopied);
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The clipboard API needs a secure context and a permission; `execCommand` needs neither.
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
