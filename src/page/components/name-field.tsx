/** The reader's own name: always there to be read and changed. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { cleanName } from "../../protocol/display-name.ts";
import { t } from "../i18n/index.ts";
import { useSession } from "../state/context.ts";
import { changeSettings, ownName } from "../state/settings.ts";

export function NameField() {
  const { composer, state } = useSession();
  const id = useId();
  /** What is being typed; `null` while nothing is. */
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
      composer.focusRequests.value += 1;
    } else if (event.key === "Escape") {
      draft.value = null;
      composer.focusRequests.value += 1;
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
