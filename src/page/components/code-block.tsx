/** A block of code in a message, with a button that copies it. */
import { t } from "../i18n/index.ts";
import { copyText } from "../state/clipboard.ts";
import { Icon } from "./icon.tsx";

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
