/** The menu of the user's identity. */
import { t } from "../i18n/index.ts";
import { type Anchor, dialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { Icon } from "./icon.tsx";

export function IdentityMenu({ anchor }: { readonly anchor: Anchor }) {
  return (
    <DialogFrame kind="anchored" title={t.value.identity} bare anchor={anchor}>
      <button type="button" class="menu-item" onClick={() => (dialog.value = { type: "name" })}>
        <Icon name="edit" />
        <span>{t.value.changeName}</span>
      </button>
      <button type="button" class="menu-item" onClick={() => (dialog.value = { type: "device" })}>
        <Icon name="device" />
        <span>{t.value.useOnDevice}</span>
      </button>
    </DialogFrame>
  );
}
