/** The card of a person: who it is, and what can be done with the person's messages. */
import { copyText } from "../effects/clipboard.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { hidePerson, isHidden } from "../state/hidden-people.ts";
import { type Anchor, dialog } from "../state/ui.ts";
import { mentionOf } from "../text/mentions.ts";
import { Avatar } from "./avatar.tsx";
import { DialogFrame } from "./dialog-frame.tsx";
import { MenuItem } from "./menu-item.tsx";
import { Person } from "./person.tsx";

interface PersonCardProps {
  readonly user: string;
  readonly name: string;
  readonly anchor: Anchor;
}

export function PersonCard({ user, name, anchor }: PersonCardProps) {
  const room = useOpenRoom();
  const people = room.people.value;
  const isSelf = room.you.value === user;
  const isPresent = people?.some((person) => person.user === user);
  const hidden = isHidden(user);
  return (
    <DialogFrame kind="anchored" title={t.value.about(name)} bare anchor={anchor}>
      <div class="person-card">
        <Avatar user={user} name={name} />
        <div>
          <Person user={user} name={name} />
          {isPresent !== undefined && (
            <p class="hint">{isPresent ? t.value.personHere : t.value.personAway}</p>
          )}
          <p class="hint person-id">{user}</p>
        </div>
      </div>
      {!isSelf && (
        <MenuItem icon="at" label={t.value.mention} run={() => room.composer.insert(`${mentionOf(name)} `)} />
      )}
      <MenuItem
        icon="search"
        label={t.value.showMessages}
        run={() => {
          dialog.value = { type: "messages-by", user, name };
        }}
      />
      <MenuItem icon="copy" label={t.value.copyId} run={() => void copyText(user, t.peek().idCopied)} />
      {!isSelf && (
        <MenuItem
          icon={hidden ? "eye" : "eyeOff"}
          label={hidden ? t.value.showPerson : t.value.hidePerson}
          run={() => hidePerson(user, !hidden)}
        />
      )}
    </DialogFrame>
  );
}
