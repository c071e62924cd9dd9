/** The card in place of the messages of an empty room: its link, to be copied, shared or scanned. */
import { useId } from "preact/hooks";
import { DEFAULT_ROOM } from "../../protocol/room-name.ts";
import { canShare, copyRoomLink, openShareSheet } from "../effects/share.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { roomAddress, roomTitle } from "../state/room-names.ts";
import { Icon } from "./icon.tsx";
import { QrCode } from "./qr-code.tsx";

export function Invitation() {
  const { name } = useOpenRoom();
  const titleId = useId();
  const title = roomTitle(name);
  const address = roomAddress(name);
  return (
    <section class="invitation" aria-labelledby={titleId}>
      <div class="invitation-text">
        <p class="hint">{t.value.empty}</p>
        <h2 id={titleId}>
          <bdi>{title}</bdi>
        </h2>
        <p>{name === DEFAULT_ROOM ? t.value.lobbyInvitation : t.value.invitation}</p>
        <input
          type="text"
          class="link-field"
          readOnly
          dir="ltr"
          aria-label={t.value.linkToRoom}
          value={address}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <div class="button-row">
          <button type="button" class="primary-button" onClick={() => void copyRoomLink(name)}>
            <Icon name="copy" />
            {t.value.copyLink}
          </button>
          {canShare() && (
            <button type="button" class="secondary-button" onClick={() => void openShareSheet(name)}>
              <Icon name="share" />
              {t.value.share}
            </button>
          )}
        </div>
      </div>
      <figure>
        <QrCode text={address} label={t.value.qrCodeOf(title)} />
        <figcaption class="hint">{t.value.scanToOpen}</figcaption>
      </figure>
    </section>
  );
}
