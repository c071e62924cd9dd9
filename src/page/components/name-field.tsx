/** The user's display name, which can be changed at any time. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { cleanName } from "../../protocol/display-name.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { changeSettings, ownName } from "../storage/settings.ts";

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
  return (
    <span class="name-field" data-empty={name === ""}>
      <label for={id}>{name === "" ? t.value.chooseName : t.value.writingAs}</label>
      <input
        id={id}
        type="text"
        dir="auto"
        aria-label={t.value.yourName}
        placeholder={state.value.you?.name ?? t.value.yourName}
        value={draft.value ?? name}
        maxLength={64}
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
