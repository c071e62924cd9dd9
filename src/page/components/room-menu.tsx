/** The menu of a room in the list: copy its link, mute it, download its messages, remove it from the list. */

import { copyText } from "../effects/clipboard.ts";
import { entryTexts } from "../i18n/entry.ts";
import { findTexts } from "../i18n/find.ts";
import { t } from "../i18n/index.ts";
import { m } from "../i18n/moderation.ts";
import { useOpenRoom } from "../state/context.ts";
import { goToRoom } from "../state/navigation.ts";
import { roomOrder } from "../state/room-list.ts";
import { roomAddress, roomTitle } from "../state/room-names.ts";
import { type Anchor, dialog, showToast } from "../state/ui.ts";
import { ownerSecret } from "../storage/room-secrets.ts";
import { muteRoom, settings } from "../storage/settings.ts";
import { forget } from "../storage/visits.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { Icon } from "./icon.tsx";
import { BELL, BELL_OFF, LOCK } from "./later-icons.ts";
import { MenuItem } from "./menu-item.tsx";

interface RoomMenuProps {
  readonly room: string;
  readonly anchor: Anchor;
}

export function RoomMenu({ room, anchor }: RoomMenuProps) {
  const { name, membership } = useOpenRoom();
  const isOpen = name === room;
  const muted = settings.value.muted.includes(room);
  const title = roomTitle(room);
  const rooms = roomOrder.value;
  const at = rooms.indexOf(room);
  // Where removing the open room leads to.
  const next = rooms[at + 1] ?? rooms[at - 1];
  const remove = async (): Promise<void> => {
    if (isOpen && next !== undefined) await goToRoom(next);
    const undo = forget(room);
    showToast(t.peek().removedRoom(title), { label: t.peek().undo, run: undo });
  };
  return (
    <DialogFrame kind="anchored" title={t.value.roomMenu(title)} bare anchor={anchor}>
      <MenuItem
        icon="link"
        label={t.value.copyLink}
        run={() => void copyText(roomAddress(room), t.peek().linkCopied)}
      />
      <MenuItem
        icon={muted ? BELL : BELL_OFF}
        label={muted ? t.value.unmute : t.value.mute}
        run={() => muteRoom(room, !muted)}
      />
      {isOpen && membership.settings.value.owned && (
        <button type="button" class="menu-item" onClick={() => (dialog.value = { type: "room-info" })}>
          <Icon name="settings" />
          <span>{membership.isOwner.value ? m.value.roomSettings : m.value.aboutRoom}</span>
        </button>
      )}
      {ownerSecret(room) !== null && (
        <MenuItem
          icon={LOCK}
          label={entryTexts.value.ownerLink}
          run={() => {
            dialog.value = { type: "owner-link", room };
          }}
        />
      )}
      <MenuItem
        icon="down"
        label={findTexts.value.download}
        run={() => {
          dialog.value = { type: "download", room };
        }}
      />
      {(!isOpen || next !== undefined) && (
        <MenuItem icon="close" label={t.value.removeRoom} run={() => void remove()} />
      )}
    </DialogFrame>
  );
}
