/** The menu of the user's identity. */

import { t } from "../i18n/index.ts";
import { type Anchor, dialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { Icon } from "./icon.tsx";
import { DEVICE, EDIT } from "./later-icons.ts";

export function IdentityMenu({ anchor }: { readonly anchor: Anchor }) {
  return (
    <DialogFrame kind="anchored" title={t.value.identity} bare anchor={anchor}>
      <button type="button" class="menu-item" onClick={() => (dialog.value = { type: "name" })}>
        <Icon name={EDIT} />
        <span>{t.value.changeName}</span>
      </button>
      <button type="button" class="menu-item" onClick={() => (dialog.value = { type: "device" })}>
        <Icon name={DEVICE} />
        <span>{t.value.useOnDevice}</span>
      </button>
    </DialogFrame>
  );
}
