/** The buttons of a dialog for something that cannot be undone: one cancels, the other submits the form. */
import { t } from "../i18n/index.ts";
import { closeDialog } from "../state/ui.ts";

export function DangerButtons({ label }: { readonly label: string }) {
  return (
    <div class="dialog-buttons">
      <button type="button" class="plain-button" onClick={closeDialog}>
        {t.value.cancel}
      </button>
      <button type="submit" class="primary-button danger">
        {label}
      </button>
    </div>
  );
}
