/** The first visit: a name, and the rooms to begin with. */

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { DEFAULT_ROOM, roomPath } from "../../protocol/room-name.ts";
import { language, t } from "../i18n/index.ts";
import { suggestName } from "../i18n/suggest-name.ts";
import { goToRoom } from "../state/navigation.ts";
import { isPrivate, roomTitle } from "../state/room-names.ts";
import { dialog } from "../state/ui.ts";
import { chooseName, ownName } from "../storage/settings.ts";
import { visits } from "../storage/visits.ts";
import { Icon } from "./icon.tsx";
import { LOCK } from "./later-icons.ts";
import { Mark } from "./mark.tsx";
import { NameInput } from "./name-input.tsx";
import { RoomNameForm } from "./room-name-form.tsx";

/** Rooms listed as recent. */
const MAX_RECENT = 5;

export function Welcome() {
  const name = useSignal(ownName.peek() || suggestName(language.peek(), Math.random));
  const recentId = useId();
  const open = (room: string): void => {
    chooseName(name.peek());
    void goToRoom(room);
  };
  const recent = visits.value.filter(({ room }) => room !== DEFAULT_ROOM).slice(0, MAX_RECENT);
  return (
    <main class="welcome">
      <div class="welcome-content">
        <p class="welcome-mark">
          <Mark />
          edge-chat
        </p>
        <h1>{t.value.welcomeTitle}</h1>
        <p class="welcome-text">{t.value.welcomeText}</p>
        <form
          class="welcome-start"
          onSubmit={(event) => {
            event.preventDefault();
            chooseName(name.peek());
            dialog.value = { type: "new-room" };
          }}
        >
          <NameInput name={name} />
          <button type="submit" class="primary-button">
            <Icon name={LOCK} />
            {t.value.startRoom}
          </button>
          <p class="hint">{t.value.startRoomHint}</p>
        </form>
        <section class="welcome-open" aria-label={t.value.openRoom}>
          <h2>{t.value.openByName}</h2>
          <RoomNameForm onOpen={open} />
          <button type="button" class="welcome-room" onClick={() => open(DEFAULT_ROOM)}>
            <span class="hash" aria-hidden="true">
              #
            </span>
            <span class="welcome-room-name">{t.value.lobby}</span>{" "}
            <span class="hint">{t.value.lobbyHint}</span>
          </button>
        </section>
        {recent.length > 0 && (
          <section aria-labelledby={recentId}>
            <h2 id={recentId}>{t.value.recentRooms}</h2>
            {/* biome-ignore lint/a11y/noRedundantRoles: Safari does not treat a list without bullets as a list */}
            <ul role="list">
              {recent.map(({ room }) => (
                <li key={room}>
                  <RecentRoom room={room} open={open} />
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </main>
  );
}

function RecentRoom({ room, open }: { readonly room: string; readonly open: (room: string) => void }) {
  return (
    <a
      class="welcome-room"
      href={roomPath(room)}
      onClick={(event) => {
        // The browser opens a new tab or window.
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        open(room);
      }}
    >
      {isPrivate(room) ? (
        <Icon name={LOCK} />
      ) : (
        <span class="hash" aria-hidden="true">
          #
        </span>
      )}
      <bdi class="welcome-room-name">{roomTitle(room)}</bdi>
    </a>
  );
}
