/** The dialog with the owner link of a room. */
import { entryTexts } from "../i18n/entry.ts";
import { t } from "../i18n/index.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { OwnerLink, ownerLink } from "./owner-link.tsx";
import { QrCode } from "./qr-code.tsx";

export function OwnerLinkDialog({ room }: { readonly room: string }) {
  const link = ownerLink(room);
  return (
    <DialogFrame kind="box" title={entryTexts.value.ownerLink}>
      <div class="dialog-form owner-link">
        {link === null ? (
          <p>{entryTexts.value.noOwnerLink}</p>
        ) : (
          <>
            <OwnerLink room={room} link={link} />
            <figure>
              <QrCode text={link} label={entryTexts.value.ownerQrCode} />
              <figcaption class="hint">{t.value.scanToOpen}</figcaption>
            </figure>
          </>
        )}
      </div>
    </DialogFrame>
  );
}
