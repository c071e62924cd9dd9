/** The list of rooms visited in this browser, and buttons to open others. */
import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n/index.ts";
import { goToRoom } from "../state/navigation.ts";
import { focusInList, pointerInList, roomOrder } from "../state/room-list.ts";
import { privateRoomName } from "../state/room-names.ts";
import { closeDialog, dialog, isRoomDrawn } from "../state/ui.ts";
import { Icon } from "./icon.tsx";
import { Identity } from "./identity.tsx";
import { Mark } from "./mark.tsx";
import { RoomEntry } from "./room-entry.tsx";

/** RoomsPanel is the list beside the messages in a wide window. */
export function RoomsPanel() {
  return (
    <nav class="panel rooms-panel" aria-label={t.value.rooms}>
      <p class="brand">
        <Mark />
        edge-chat
      </p>
      {isRoomDrawn.value && <RoomsList />}
    </nav>
  );
}

export function RoomsList() {
  useEffect(
    () => () => {
      pointerInList.value = false;
      focusInList.value = false;
    },
    [],
  );
  return (
    <>
      {/* biome-ignore lint/a11y/noRedundantRoles: Safari does not treat a list without bullets as a list */}
      <ul class="rooms" role="list" aria-label={t.value.rooms} {...holdsOrder}>
        {roomOrder.value.map((room) => (
          <RoomEntry key={room} room={room} />
        ))}
      </ul>
      <div class="panel-foot">
        <button type="button" class="panel-button" onClick={() => void go(privateRoomName())}>
          <Icon name="lock" />
          {t.value.newPrivateRoom}
        </button>
        <button type="button" class="panel-button" onClick={() => (dialog.value = { type: "open-room" })}>
          <Icon name="plus" />
          {t.value.openRoom}
        </button>
        <button type="button" class="panel-button" onClick={() => (dialog.value = { type: "settings" })}>
          <Icon name="settings" />
          {t.value.settings}
        </button>
        <Identity />
      </div>
    </>
  );
}

const setter = (inside: Signal<boolean>, value: boolean) => (): void => {
  inside.value = value;
};
const holdsOrder = {
  onPointerEnter: setter(pointerInList, true),
  onPointerLeave: setter(pointerInList, false),
  onFocusIn: setter(focusInList, true),
  onFocusOut: setter(focusInList, false),
};

/** Opens a room, and closes the list if it is in a sheet. */
async function go(room: string): Promise<void> {
  closeDialog();
  await goToRoom(room);
}
