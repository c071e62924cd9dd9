/** A field for the display name, with a button that suggests another one. */

import type { Signal } from "@preact/signals";
import { useId } from "preact/hooks";
import { MAX_NAME_GRAPHEMES } from "../../protocol/limits.ts";
import { language, t } from "../i18n/index.ts";
import { suggestName } from "../i18n/suggest-name.ts";
import { graphemes } from "../text/graphemes.ts";
import { Icon } from "./icon.tsx";
import { SHUFFLE } from "./later-icons.ts";

interface NameInputProps {
  /** The name as typed so far. */
  readonly name: Signal<string>;
  /** Focuses the field once it is drawn. */
  readonly autofocus?: boolean;
}

export function NameInput({ name, autofocus = false }: NameInputProps) {
  const id = useId();
  const typed = name.value.trim();
  // Counting graphemes is slow the first time.
  const isTooLong = typed.length > MAX_NAME_GRAPHEMES && [...graphemes(typed)].length > MAX_NAME_GRAPHEMES;
  return (
    <div class="name-input">
      <label for={id}>{t.value.yourName}</label>
      <div class="name-input-row">
        <input
          id={id}
          type="text"
          autofocus={autofocus}
          dir="auto"
          value={name.value}
          aria-invalid={isTooLong}
          autocomplete="nickname"
          enterkeyhint="done"
          spellcheck={false}
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
        <button
          type="button"
          class="icon-button"
          aria-label={t.value.otherName}
          title={t.value.otherName}
          onClick={() => {
            name.value = suggestName(language.peek(), Math.random);
          }}
        >
          <Icon name={SHUFFLE} />
        </button>
      </div>
      {isTooLong && (
        <p class="name-error" role="alert">
          {t.value.nameTooLong}
        </p>
      )}
    </div>
  );
}
