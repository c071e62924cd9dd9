/** Asks before something that cannot be undone. */
import { t } from "../i18n/index.ts";
import { type Confirmation, closeDialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";

export function ConfirmDialog({ title, text, label, run }: Confirmation) {
  return (
    <DialogFrame kind="box" title={title}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          closeDialog();
          run();
        }}
      >
        <p>{text}</p>
        <div class="dialog-buttons">
          <button type="button" class="plain-button" onClick={closeDialog}>
            {t.value.cancel}
          </button>
          <button type="submit" class="primary-button danger">
            {label}
          </button>
        </div>
      </form>
    </DialogFrame>
  );
}
