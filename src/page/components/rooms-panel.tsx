/** The panel with the list of rooms, beside the messages in a wide window. */
import { t } from "../i18n/index.ts";
import { isRoomDrawn } from "../state/ui.ts";
import { later } from "./later.tsx";
import { Mark } from "./mark.tsx";

const RoomsList = later(async () => (await import("./rooms.tsx")).RoomsList);

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
