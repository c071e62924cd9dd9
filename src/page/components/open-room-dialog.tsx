/** The dialog that opens a room by name. */
import { t } from "../i18n/index.ts";
import { goToRoom } from "../state/navigation.ts";
import { closeDialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { RoomNameForm } from "./room-name-form.tsx";

export function OpenRoomDialog() {
  const open = (room: string): void => {
    closeDialog();
    void goToRoom(room);
  };
  return (
    <DialogFrame kind="box" title={t.value.openRoom}>
      <RoomNameForm autofocus onOpen={open} />
    </DialogFrame>
  );
}
