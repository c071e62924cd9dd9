/** The list of rooms visited in this browser, and buttons to open others. */
import { roomPath } from "../../protocol/room-name.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { goToRoom } from "../state/navigation.ts";
import { isPrivate, privateRoomName, roomTitle } from "../state/room-names.ts";
import { anchorAt, closeDialog, dialog, isRoomDrawn } from "../state/ui.ts";
import { badgeText, unreadOf } from "../state/unread.ts";
import { settings } from "../storage/settings.ts";
import { visits } from "../storage/visits.ts";
import { Icon } from "./icon.tsx";
import { Identity } from "./identity.tsx";

/** RoomsPanel is the list beside the messages in a wide window. */
export function RoomsPanel() {
  return (
    <nav class="panel rooms-panel" aria-label={t.value.rooms}>
      <p class="brand">edge-chat</p>
      {isRoomDrawn.value && <RoomsList />}
    </nav>
  );
}

export function RoomsList() {
  return (
    <>
      {/* biome-ignore lint/a11y/noRedundantRoles: Safari does not treat a list without bullets as a list */}
      <ul class="rooms" role="list" aria-label={t.value.rooms}>
        {visits.value.map(({ room }) => (
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

/** Opens a room, and closes the list if it is in a sheet. */
async function go(room: string): Promise<void> {
  closeDialog();
  await goToRoom(room);
}

function RoomEntry({ room }: { readonly room: string }) {
  const current = useOpenRoom().name === room;
  const muted = settings.value.muted.includes(room);
  const { messages, mentions } = unreadOf(room);
  const title = roomTitle(room);
  const count = badgeText(messages);
  return (
    <li class="room-entry" data-muted={muted}>
      <a href={roomPath(room)} aria-current={current ? "page" : undefined} onClick={closeDialog}>
        {isPrivate(room) ? (
          <Icon name="lock" />
        ) : (
          <span class="hash" aria-hidden="true">
            #
          </span>
        )}
        <bdi class="room-entry-name">{title}</bdi>
        {muted && <span class="visually-hidden">{t.value.muted}</span>}
        {messages > 0 && (
          <span class="badge">
            <span aria-hidden="true">
              {mentions > 0 && "@ "}
              {count}
            </span>
            <span class="visually-hidden">
              {t.value.unreadIn(count)}
              {mentions > 0 && t.value.withMention}
            </span>
          </span>
        )}
      </a>
      <button
        type="button"
        class="icon-button small"
        aria-label={t.value.roomMenu(title)}
        title={t.value.roomMenu(title)}
        aria-haspopup="dialog"
        onClick={({ currentTarget }) => {
          dialog.value = { type: "room-menu", room, anchor: anchorAt(currentTarget) };
        }}
      >
        <Icon name="more" />
      </button>
    </li>
  );
}
