/** The list of rooms visited in this browser, and buttons to open others. */

import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n/index.ts";
import { focusInList, pointerInList, roomOrder } from "../state/room-list.ts";
import { dialog } from "../state/ui.ts";
import { Icon } from "./icon.tsx";
import { Identity } from "./identity.tsx";
import { LOCK, PLUS } from "./later-icons.ts";
import { RoomEntry } from "./room-entry.tsx";

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
        <button type="button" class="panel-button" onClick={() => (dialog.value = { type: "new-room" })}>
          <Icon name={LOCK} />
          {t.value.newRoom}
        </button>
        <button type="button" class="panel-button" onClick={() => (dialog.value = { type: "open-room" })}>
          <Icon name={PLUS} />
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
