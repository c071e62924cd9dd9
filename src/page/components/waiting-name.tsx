/** The name under which the user asks to be let in. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { entryTexts } from "../i18n/entry.ts";
import { language, t } from "../i18n/index.ts";
import { suggestName } from "../i18n/suggest-name.ts";
import { useOpenRoom } from "../state/context.ts";
import { reopen } from "../state/navigation.ts";
import { dialog } from "../state/ui.ts";
import { chooseName, ownName } from "../storage/settings.ts";
import { NameInput } from "./name-input.tsx";

export function WaitingName() {
  const { outside } = useOpenRoom().state.value;
  const name = useSignal(suggestName(language.peek(), Math.random));
  useEffect(() => {
    const before = ownName.peek();
    // The room learns the name of a user who waits from `hello` only.
    return ownName.subscribe((chosen) => {
      if (chosen !== before) void reopen();
    });
  }, []);
  if (ownName.value !== "") {
    return (
      <p>
        {entryTexts.value.askedAs(outside?.you.name ?? "")}{" "}
        <button type="button" class="text-button" onClick={() => (dialog.value = { type: "name" })}>
          {t.value.changeName}
        </button>
      </p>
    );
  }
  return (
    <form
      class="waiting-name"
      onSubmit={(event) => {
        event.preventDefault();
        chooseName(name.peek());
      }}
    >
      <p>{entryTexts.value.askedAs(outside?.you.name ?? "")}</p>
      <NameInput name={name} />
      <button type="submit" class="primary-button">
        {t.value.save}
      </button>
    </form>
  );
}
