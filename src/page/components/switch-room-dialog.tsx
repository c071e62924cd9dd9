/** The dialog that switches rooms with the keyboard: a filter and the rooms that match it. */

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { canonicalRoomName } from "../../protocol/room-name.ts";
import { t } from "../i18n/index.ts";
import { goToRoom, wantedRoom } from "../state/navigation.ts";
import { roomOrder } from "../state/room-list.ts";
import { roomTitle } from "../state/room-names.ts";
import { closeDialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { Icon } from "./icon.tsx";
import { PLUS } from "./later-icons.ts";
import { RoomMark } from "./room-entry.tsx";

export function SwitchRoomDialog() {
  const query = useSignal("");
  const chosen = useSignal(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const rooms = roomsNamed(query.value);
  const typed = newRoom(query.value);
  const options = typed === null ? rooms : [...rooms, typed];
  const at = Math.min(chosen.value, options.length - 1);

  useEffect(() => {
    list.current?.querySelector("[aria-selected='true']")?.scrollIntoView({ block: "nearest" });
  }, [at]);
  const go = (room: string | undefined): void => {
    if (room === undefined) return;
    closeDialog();
    void goToRoom(room);
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : options.length - 1;
      chosen.value = options.length === 0 ? 0 : (at + step) % options.length;
    } else if (event.key === "Enter") go(options[at]);
    else return;
    event.preventDefault();
  };
  return (
    <DialogFrame kind="box" title={t.value.switchRoom} bare>
      <div class="switcher">
        <input
          type="text"
          autofocus
          dir="auto"
          role="combobox"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-label={t.value.findRoom}
          placeholder={t.value.findRoom}
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={options.length === 0 ? undefined : `${id}-${at}`}
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
            chosen.value = 0;
          }}
          onKeyDown={pressed}
        />
        {options.length === 0 && (
          <p class="hint" role="status">
            {t.value.noRoom}
          </p>
        )}
        <div class="switcher-list" id={id} role="listbox" aria-label={t.value.rooms} ref={list}>
          {options.map((room, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which refers to the chosen option
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys
            <div
              key={room}
              class="switcher-option"
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === at}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => go(room)}
            >
              {room === typed ? <Icon name={PLUS} /> : <RoomMark room={room} />}
              <bdi>{room === typed ? t.value.openRoomNamed(room) : roomTitle(room)}</bdi>
            </div>
          ))}
        </div>
      </div>
    </DialogFrame>
  );
}

/** Returns the rooms of the list whose title or name contains `query`: all but the open one for an empty query. */
function roomsNamed(query: string): readonly string[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return roomOrder.value.filter((room) => room !== wantedRoom());
  return roomOrder.value.filter(
    (room) => room.includes(wanted) || roomTitle(room).toLowerCase().includes(wanted),
  );
}

/** Returns the name of the room that `query` names, if it is not in the list; else `null`. */
function newRoom(query: string): string | null {
  const room = canonicalRoomName(encodeURIComponent(query.trim().replace(/\s+/gu, "-")));
  return room === null || roomOrder.value.includes(room) ? null : room;
}
