/** The people in the room. */
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { anchorAt, dialog, isRoomDrawn } from "../state/ui.ts";
import { Avatar } from "./avatar.tsx";
import { Person } from "./person.tsx";

/** PeoplePanel is the list beside the messages in a wide window. */
export function PeoplePanel() {
  const { online, epoch } = useOpenRoom().state.value;
  return (
    <aside class="panel people-panel" aria-labelledby="people-title">
      <h2 id="people-title">{epoch === undefined ? t.value.people : t.value.onlineCount(online)}</h2>
      {isRoomDrawn.value && <PeopleList />}
    </aside>
  );
}

export function PeopleList() {
  const room = useOpenRoom();
  const people = room.people.value;
  const { online } = room.state.value;
  if (people === null) return <p class="hint">{t.value.tooManyPeople(online)}</p>;
  return (
    // biome-ignore lint/a11y/noRedundantRoles: Safari does not treat a list without bullets as a list
    <ul class="people" role="list" aria-label={t.value.people}>
      {people.map(({ user, name }) => (
        <li key={user}>
          <button
            type="button"
            class="person-button"
            aria-haspopup="dialog"
            onClick={({ currentTarget }) => {
              dialog.value = { type: "person", user, name, anchor: anchorAt(currentTarget) };
            }}
          >
            <Avatar user={user} name={name} />
            <Person user={user} name={name} />
          </button>
        </li>
      ))}
    </ul>
  );
}
