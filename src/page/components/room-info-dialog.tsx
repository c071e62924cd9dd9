/** What a room is and who may do what in it: settings for owners, a summary in words for all others. */
import { durationText } from "../i18n/duration.ts";
import { m } from "../i18n/moderation.ts";
import { useOpenRoom } from "../state/context.ts";
import { currentlyRestricted } from "../state/restricted.ts";
import { dialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { Icon } from "./icon.tsx";
import { keptText } from "./kept-note.tsx";
import { BAN } from "./moderation-icons.ts";
import { Person } from "./person.tsx";
import { RoomDangers, RoomSettings } from "./room-settings.tsx";

export function RoomInfoDialog() {
  const { membership, state } = useOpenRoom();
  const isOwner = membership.isOwner.value;
  return (
    <DialogFrame kind="box" title={isOwner ? m.value.roomSettings : m.value.aboutRoom}>
      <div class="settings room-info">
        {isOwner ? <RoomSettings /> : <Summary />}
        <Staff />
        {membership.isStaff.value && (
          <button
            type="button"
            class="panel-button"
            onClick={() => {
              dialog.value = { type: "restricted" };
            }}
          >
            <Icon name={BAN} />
            {m.value.mutedAndBanned} ({currentlyRestricted(state.value).length})
          </button>
        )}
        {isOwner && <RoomDangers />}
      </div>
    </DialogFrame>
  );
}

function Summary() {
  const { membership, state } = useOpenRoom();
  const kept = keptText(state.value);
  const { title, topic, entry, slowMode, readOnly, locked, closed } = membership.settings.value;
  const { summary } = m.value;
  const sentences = [
    closed ? summary.closed : locked ? summary.locked : summary.entry[entry],
    readOnly ? summary.readOnly : summary.free,
    ...(slowMode > 0 ? [summary.slowMode(durationText(slowMode))] : []),
    ...(kept === null ? [] : [summary.sentence(kept)]),
    summary.role(membership.role.value),
  ].filter((sentence) => sentence !== "");
  return (
    <>
      {title !== undefined && (
        <p class="room-info-title">
          <bdi>{title}</bdi>
        </p>
      )}
      {topic !== undefined && (
        <p>
          <bdi>{topic}</bdi>
        </p>
      )}
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </>
  );
}

/** The owners and moderators, present or not. */
function Staff() {
  const { staff } = useOpenRoom().membership.settings.value;
  return (
    <section>
      <h3>{m.value.staff}</h3>
      {/* biome-ignore lint/a11y/noRedundantRoles: Safari does not treat a list without bullets as a list */}
      <ul class="staff" role="list">
        {staff.map(({ user, name }) => (
          <li key={user}>
            <Person user={user} name={name} />
          </li>
        ))}
      </ul>
    </section>
  );
}
