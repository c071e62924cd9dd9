/** The user's avatar, name and id at the foot of the list of rooms; opens the menu of the identity. */

import { guestName } from "../../protocol/display-name.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { anchorAt, dialog } from "../state/ui.ts";
import { ownName } from "../storage/settings.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icon.tsx";
import { MORE } from "./later-icons.ts";
import { tagOf } from "./person.tsx";

export function Identity() {
  const room = useOpenRoom();
  const user = room.you.value;
  const name = room.ownName.value || guestName(user);
  // Without a connection, a room that was never open has no user id.
  if (user === "") return null;
  return (
    <button
      type="button"
      class="identity"
      aria-haspopup="dialog"
      onClick={({ currentTarget }) => {
        dialog.value = { type: "identity", anchor: anchorAt(currentTarget) };
      }}
    >
      <Avatar user={user} name={name} />
      <span class="visually-hidden">{t.value.identity}: </span>
      <span class="identity-text">
        <bdi class="identity-name">{name}</bdi>{" "}
        {ownName.value === "" ? (
          <span class="identity-choose">{t.value.chooseName}</span>
        ) : (
          <span class="tag">{tagOf(user)}</span>
        )}
      </span>
      <Icon name={MORE} />
    </button>
  );
}
