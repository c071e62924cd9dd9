/** The header of a room: title, people, privacy and actions. */
import { peopleBeside, roomsBeside } from "../effects/media.ts";
import { shareRoom } from "../effects/share.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { isPrivate, roomTitle } from "../state/room-names.ts";
import { dialog } from "../state/ui.ts";
import { badgeText, unreadElsewhere } from "../state/unread.ts";
import { Icon, type IconName } from "./icon.tsx";
import { later } from "./later.tsx";

const KeptNote = later(async () => (await import("./kept-note.tsx")).KeptNote);

export function Header() {
  const room = useOpenRoom();
  const { online, epoch, limits } = room.state.value;
  const { owned, topic, entry, retention } = room.membership.settings.value;
  const isOutside = room.isOutside.value;
  const isPublic = entry === "open" && !isPrivate(room.name);
  const isKnown = epoch !== undefined;
  return (
    <header class="header">
      {!roomsBeside.value && <MenuButton />}
      <div class="header-title">
        <h1>
          {owned && !isOutside ? (
            <button
              type="button"
              class="room-info-button"
              aria-haspopup="dialog"
              onClick={() => (dialog.value = { type: "room-info" })}
            >
              <bdi>{roomTitle(room.name)}</bdi>
              <Icon name="settings" />
            </button>
          ) : (
            <bdi>{roomTitle(room.name)}</bdi>
          )}
        </h1>
        {isOutside ? null : topic === undefined ? (
          <p class="header-note">
            {isKnown && <span>{t.value.onlineCount(online)}</span>}
            <span>
              {isKnown && " · "}
              {isPublic ? t.value.publicRoomShort : t.value.privateRoomShort}
            </span>
            <span>{isPublic ? t.value.publicNote : t.value.privateNotes[entry]}</span>
          </p>
        ) : (
          <p class="header-note topic" title={topic}>
            {isKnown && `${t.value.onlineCount(online)} · `}
            <bdi>{topic}</bdi>
          </p>
        )}
        {!isOutside && (retention !== "all" || limits.days !== undefined) && <KeptNote />}
      </div>
      {!isOutside && (
        <button type="button" class="invite-button" onClick={() => void shareRoom(room.name)}>
          <Icon name="invite" />
          {t.value.invite}
        </button>
      )}
      {!isOutside && (
        <HeaderButton
          icon="search"
          label={t.value.searchMessages}
          onClick={() => (room.isSearching.value = !room.isSearching.peek())}
        />
      )}
      {!isOutside && !peopleBeside.value && (
        <HeaderButton
          icon="people"
          label={isKnown ? t.value.onlineCount(online) : t.value.people}
          onClick={() => (dialog.value = { type: "people" })}
        />
      )}
    </header>
  );
}

/** The button of the list of rooms, with the unread messages of all of them. */
function MenuButton() {
  const { messages, mentions } = unreadElsewhere.value;
  const badge = messages === 0 ? undefined : `${mentions > 0 ? "@ " : ""}${badgeText(messages)}`;
  const label = messages === 0 ? t.value.rooms : `${t.value.rooms}, ${t.value.unreadIn(badgeText(messages))}`;
  return (
    <HeaderButton
      icon="menu"
      label={label}
      badge={badge}
      onClick={() => (dialog.value = { type: "rooms" })}
    />
  );
}

interface HeaderButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly badge?: string | undefined;
  readonly onClick: () => void;
}

function HeaderButton({ icon, label, badge, onClick }: HeaderButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      data-icon={icon}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
      {badge !== undefined && <span class="badge">{badge}</span>}
    </button>
  );
}
