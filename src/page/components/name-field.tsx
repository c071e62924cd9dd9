/** The user's display name, which can be changed at any time. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { cleanName } from "../../protocol/display-name.ts";
import { MAX_NAME_GRAPHEMES } from "../../protocol/limits.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { changeSettings, ownName } from "../storage/settings.ts";
import { graphemes } from "../text/graphemes.ts";

export function NameField() {
  const { composer, state } = useOpenRoom();
  const id = useId();
  /** The name as typed so far; `null` while it is not being edited. */
  const draft = useSignal<string | null>(null);
  const commit = (): void => {
    const name = cleanName(draft.peek() ?? "");
    if (name !== "") changeSettings({ name });
    draft.value = null;
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter") {
      event.preventDefault();
      commit();
      composer.focus();
    } else if (event.key === "Escape") {
      draft.value = null;
      composer.focus();
    }
  };
  const name = ownName.value;
  const typed = (draft.value ?? "").trim();
  // Counting graphemes is slow the first time.
  const isTooLong = typed.length > MAX_NAME_GRAPHEMES && [...graphemes(typed)].length > MAX_NAME_GRAPHEMES;
  return (
    <span class="name-field" data-empty={name === ""}>
      {isTooLong ? (
        <span class="name-error" role="alert">
          {t.value.nameTooLong}
        </span>
      ) : (
        <label for={id}>{name === "" ? t.value.chooseName : t.value.writingAs}</label>
      )}
      <input
        id={id}
        type="text"
        dir="auto"
        aria-label={t.value.yourName}
        placeholder={state.value.you?.name ?? t.value.yourName}
        value={draft.value ?? name}
        aria-invalid={isTooLong}
        autocomplete="nickname"
        enterkeyhint="done"
        spellcheck={false}
        onInput={(event) => {
          draft.value = event.currentTarget.value;
        }}
        onKeyDown={pressed}
        onBlur={commit}
      />
    </span>
  );
}
