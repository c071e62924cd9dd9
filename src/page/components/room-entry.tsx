/** A room in the list: its name, its last message or draft, and its unread messages. */

import { useId } from "preact/hooks";
import { roomPath } from "../../protocol/room-name.ts";
import { locale, t } from "../i18n/index.ts";
import { clockTime, dayOf, shortDay } from "../i18n/time.ts";
import { today } from "../i18n/today.ts";
import { useOpenRoom } from "../state/context.ts";
import { isHidden } from "../state/hidden-people.ts";
import { previewOf } from "../state/room-list.ts";
import { isPrivate, roomTitle } from "../state/room-names.ts";
import { type Anchor, anchorAt, anchorAtPointer, closeDialog, dialog } from "../state/ui.ts";
import { badgeText, isShut, unreadOf } from "../state/unread.ts";
import { settings } from "../storage/settings.ts";
import { Icon } from "./icon.tsx";
import { BELL_OFF, LOCK, MORE } from "./later-icons.ts";
import { excerpt } from "./quote.tsx";

export function RoomEntry({ room }: { readonly room: string }) {
  const current = useOpenRoom().name === room;
  const muted = settings.value.muted.includes(room);
  const title = roomTitle(room);
  const { draft, last } = previewOf(room);
  const hasPreview = draft !== undefined || last !== undefined || unreadOf(room).messages > 0;
  const previewId = useId();
  const openMenu = (anchor: Anchor): void => {
    dialog.value = { type: "room-menu", room, anchor };
  };
  return (
    <li
      class="room-entry"
      data-muted={muted}
      onContextMenu={(event) => {
        // Shift opens the menu of the browser.
        if (event.shiftKey) return;
        event.preventDefault();
        openMenu(anchorAtPointer(event));
      }}
    >
      <a
        href={roomPath(room)}
        aria-current={current ? "page" : undefined}
        aria-describedby={hasPreview ? previewId : undefined}
        onClick={({ currentTarget }) => {
          // Without a focused element, the composer of the room takes the focus.
          currentTarget.blur();
          closeDialog();
        }}
      >
        <RoomMark room={room} />
        <span class="room-entry-text">
          <span class="room-entry-line">
            <bdi class="room-entry-name">{title}</bdi>
            {muted && (
              <>
                {" "}
                <span class="visually-hidden">{t.value.muted}</span>
                <Icon name={BELL_OFF} />
              </>
            )}
            {isShut(room) && (
              <>
                {" "}
                <span class="visually-hidden">{t.value.shutRoom}</span>
                <Icon name={LOCK} />
              </>
            )}
            {last !== undefined && (
              <span class="room-entry-time" aria-hidden="true">
                {timeName(last.at)}
              </span>
            )}
          </span>
          {hasPreview && (
            <span class="room-entry-line">
              <Preview room={room} id={previewId} />
              <Badge room={room} />
            </span>
          )}
        </span>
      </a>
      <button
        type="button"
        class="icon-button small"
        aria-label={t.value.roomMenu(title)}
        title={t.value.roomMenu(title)}
        aria-haspopup="dialog"
        onClick={({ currentTarget }) => openMenu(anchorAt(currentTarget))}
      >
        <Icon name={MORE} />
      </button>
    </li>
  );
}

/** RoomMark distinguishes private rooms from others. */
export function RoomMark({ room }: { readonly room: string }) {
  return (
    <span class="room-mark" aria-hidden="true">
      {isPrivate(room) ? <Icon name={LOCK} /> : "#"}
    </span>
  );
}

interface PreviewProps {
  readonly room: string;
  readonly id: string;
}

/** The description of the room's link, not a part of its name. */
function Preview({ room, id }: PreviewProps) {
  const { draft, last, you } = previewOf(room);
  if (draft !== undefined) {
    return (
      <span class="room-entry-preview" id={id} aria-hidden="true">
        <span class="room-entry-draft">{t.value.draft}</span> <bdi>{draft}</bdi>
      </span>
    );
  }
  if (last === undefined) return <span class="room-entry-preview" id={id} />;
  return (
    <span class="room-entry-preview" id={id} aria-hidden="true">
      <bdi>{last.user === you ? t.value.youWrote : last.name}</bdi>:{" "}
      <bdi>{isHidden(last.user) ? t.value.hiddenMessage : excerpt(last)}</bdi>
    </span>
  );
}

function Badge({ room }: { readonly room: string }) {
  const { messages, mentions } = unreadOf(room);
  if (messages === 0) return null;
  const count = badgeText(messages);
  return (
    <>
      {mentions > 0 && (
        <span class="badge" aria-hidden="true">
          @
        </span>
      )}
      <span class="badge">
        <span aria-hidden="true">{count}</span>
        <span class="visually-hidden">
          {t.value.unreadIn(count)}
          {mentions > 0 && t.value.withMention}
        </span>
      </span>
    </>
  );
}

/** Returns the time of a message of today, else its day. */
function timeName(at: number): string {
  const now = today.value;
  if (dayOf(at) === dayOf(now)) return clockTime(at, locale.value);
  return dayOf(at) === dayOf(now - 1) ? t.value.yesterday : shortDay(at, now, locale.value);
}
