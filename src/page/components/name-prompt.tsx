/** Asks for a name below the first message, which was sent under a guest name. */
import { useSignal } from "@preact/signals";
import { guestName } from "../../protocol/display-name.ts";
import { language, t } from "../i18n/index.ts";
import { suggestName } from "../i18n/suggest-name.ts";
import { useOpenRoom } from "../state/context.ts";
import { changeSettings, chooseName } from "../storage/settings.ts";
import { Icon } from "./icon.tsx";
import { NameInput } from "./name-input.tsx";

export function NamePrompt() {
  const { asksName, composer, ownName, you } = useOpenRoom();
  const name = useSignal(suggestName(language.peek(), Math.random));
  const close = (): void => {
    changeSettings({ askedName: true });
    asksName.value = false;
    composer.focus();
  };
  return (
    <form
      class="name-prompt"
      onSubmit={(event) => {
        event.preventDefault();
        chooseName(name.peek());
        close();
      }}
    >
      <p aria-live="polite">{t.value.namePrompt(ownName.value || guestName(you.value))}</p>
      <NameInput name={name} />
      <button type="submit" class="primary-button">
        {t.value.save}
      </button>
      <button
        type="button"
        class="icon-button small name-prompt-close"
        aria-label={t.value.close}
        title={t.value.close}
        onClick={close}
      >
        <Icon name="close" />
      </button>
    </form>
  );
}
