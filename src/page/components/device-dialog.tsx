/** The dialog with the link and the QR code that bring the user's identity to another device. */
import { copyText } from "../effects/clipboard.ts";
import { deviceTexts } from "../i18n/device.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { identityLink } from "../state/offered-identity.ts";
import { closeDialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { Icon } from "./icon.tsx";
import { LinkField } from "./link-field.tsx";
import { QrCode } from "./qr-code.tsx";

export function DeviceDialog() {
  const link = identityLink(useOpenRoom().name);
  const copy = (): void => {
    closeDialog();
    void copyText(link, t.peek().linkCopied);
  };
  return (
    <DialogFrame kind="box" title={t.value.useOnDevice}>
      <div class="dialog-form">
        <p>{deviceTexts.value.deviceHint}</p>
        <QrCode text={link} label={deviceTexts.value.deviceQrCode} />
        <LinkField label={deviceTexts.value.deviceLink} link={link} />
        <p class="warning">
          <Icon name="alert" />
          {deviceTexts.value.deviceWarning}
        </p>
        <button type="button" class="primary-button" onClick={copy}>
          <Icon name="copy" />
          {t.value.copyLink}
        </button>
      </div>
    </DialogFrame>
  );
}
