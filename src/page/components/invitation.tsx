/** The card in place of the messages of an empty room: its link, to be copied, shared or scanned. */

import { useId } from "preact/hooks";
import type { Entry } from "../../client/index.ts";
import { DEFAULT_ROOM } from "../../protocol/room-name.ts";
import { canShare, copyRoomLink, openShareSheet } from "../effects/share.ts";
import { entryTexts } from "../i18n/entry.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { roomAddress, roomTitle } from "../state/room-names.ts";
import { Icon } from "./icon.tsx";
import { SHARE } from "./later-icons.ts";
import { LinkField } from "./link-field.tsx";
import { OwnerLink, ownerLink } from "./owner-link.tsx";
import { QrCode } from "./qr-code.tsx";

export function Invitation() {
  const { name, state } = useOpenRoom();
  const titleId = useId();
  const title = roomTitle(name);
  const address = roomAddress(name);
  const owned = state.value.role === "owner" ? ownerLink(name) : null;
  return (
    <section class="invitation" aria-labelledby={titleId}>
      <div class="invitation-text">
        <p class="hint">{t.value.empty}</p>
        <h2 id={titleId}>
          <bdi>{title}</bdi>
        </h2>
        <p>{explanation(name, state.value.roomState.entry)}</p>
        <LinkField label={t.value.linkToRoom} link={address} />
        <div class="button-row">
          <button type="button" class="primary-button" onClick={() => void copyRoomLink(name)}>
            <Icon name="copy" />
            {t.value.copyLink}
          </button>
          {canShare() && (
            <button type="button" class="secondary-button" onClick={() => void openShareSheet(name)}>
              <Icon name={SHARE} />
              {t.value.share}
            </button>
          )}
        </div>
      </div>
      <figure>
        <QrCode text={address} label={t.value.qrCodeOf(title)} />
        <figcaption class="hint">{t.value.scanToOpen}</figcaption>
      </figure>
      {owned !== null && (
        <div class="invitation-owner">
          <h3>{entryTexts.value.ownerLink}</h3>
          <OwnerLink room={name} link={owned} />
        </div>
      )}
    </section>
  );
}

/** Returns who can use the link. */
function explanation(room: string, entry: Entry): string {
  if (room === DEFAULT_ROOM) return t.value.lobbyInvitation;
  return entry === "open" ? t.value.invitation : entryTexts.value.invitation[entry];
}
