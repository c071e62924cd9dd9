/** All dialogs of the page, by type. */
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import type { Dialog } from "../state/ui.ts";
import { ActionsDialog } from "./actions-dialog.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { DeviceDialog } from "./device-dialog.tsx";
import { DialogFrame } from "./dialog-frame.tsx";
import { DownloadDialog } from "./download-dialog.tsx";
import { EmojiPicker } from "./emoji-picker.tsx";
import { IdentityMenu } from "./identity-menu.tsx";
import { KeysDialog } from "./keys-dialog.tsx";
import { later } from "./later.tsx";
import { MessagesByDialog } from "./messages-by-dialog.tsx";
import { NameDialog } from "./name-dialog.tsx";
import { NewRoomDialog } from "./new-room-dialog.tsx";
import { OpenRoomDialog } from "./open-room-dialog.tsx";
import { OwnerLinkDialog } from "./owner-link-dialog.tsx";
import { PeopleList } from "./people.tsx";
import { PersonCard } from "./person-card.tsx";
import { RestrictDialog } from "./restrict-dialog.tsx";
import { RestrictedDialog } from "./restricted-dialog.tsx";
import { RoomInfoDialog } from "./room-info-dialog.tsx";
import { RoomMenu } from "./room-menu.tsx";
import { RoomsList } from "./rooms.tsx";
import { SettingsDialog } from "./settings-dialog.tsx";
import { SwitchRoomDialog } from "./switch-room-dialog.tsx";

const Viewer = later(async () => (await import("./viewer.tsx")).Viewer);

export function DialogView({ dialog }: { readonly dialog: Dialog }) {
  switch (dialog.type) {
    case "people":
      return <PeopleSheet />;
    case "rooms":
      return (
        <DialogFrame key="rooms" kind="side" title={t.value.rooms}>
          <RoomsList />
        </DialogFrame>
      );
    case "open-room":
      return <OpenRoomDialog />;
    case "new-room":
      return <NewRoomDialog taken={dialog.taken} />;
    case "owner-link":
      return <OwnerLinkDialog room={dialog.room} />;
    case "switch-room":
      return <SwitchRoomDialog />;
    case "settings":
      return <SettingsDialog />;
    case "room-menu":
      return <RoomMenu room={dialog.room} anchor={dialog.anchor} />;
    case "download":
      return <DownloadDialog room={dialog.room} />;
    case "identity":
      return <IdentityMenu anchor={dialog.anchor} />;
    case "name":
      return <NameDialog />;
    case "device":
      return <DeviceDialog />;
    case "person":
      return <PersonCard user={dialog.user} name={dialog.name} anchor={dialog.anchor} />;
    case "room-info":
      return <RoomInfoDialog />;
    case "restrict":
      return <RestrictDialog action={dialog.action} user={dialog.user} name={dialog.name} />;
    case "restricted":
      return <RestrictedDialog />;
    case "confirm":
      return <ConfirmDialog {...dialog} />;
    case "messages-by":
      return <MessagesByDialog user={dialog.user} name={dialog.name} />;
    case "keys":
      return <KeysDialog />;
    case "viewer":
      return <Viewer seq={dialog.seq} file={dialog.file} />;
    case "actions":
      return <ActionsDialog message={dialog.message} anchor={dialog.anchor} />;
    case "emoji":
      return <EmojiPicker anchor={dialog.anchor} pick={dialog.pick} />;
  }
}

function PeopleSheet() {
  const { online, epoch } = useOpenRoom().state.value;
  const title = epoch === undefined ? t.value.people : t.value.onlineCount(online);
  return (
    <DialogFrame kind="sheet" title={title}>
      <PeopleList />
    </DialogFrame>
  );
}
