/** The dialog that changes the display name. */
import { useSignal } from "@preact/signals";
import { t } from "../i18n/index.ts";
import { closeDialog } from "../state/ui.ts";
import { chooseName, ownName } from "../storage/settings.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { NameInput } from "./name-input.tsx";

export function NameDialog() {
  const name = useSignal(ownName.peek());
  return (
    <DialogFrame kind="box" title={t.value.changeName}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          closeDialog();
          chooseName(name.peek());
        }}
      >
        <NameInput name={name} autofocus />
        <button type="submit" class="primary-button">
          {t.value.save}
        </button>
      </form>
    </DialogFrame>
  );
}
