/** The card of a person: who it is, and what can be done with the person's messages. */

import { copyText } from "../effects/clipboard.ts";
import { t } from "../i18n/index.ts";
import { m } from "../i18n/moderation.ts";
import { attempt } from "../state/attempt.ts";
import { useOpenRoom } from "../state/context.ts";
import { hidePerson, isHidden } from "../state/hidden-people.ts";
import { currentlyRestricted } from "../state/restricted.ts";
import { type Anchor, dialog, type Restriction } from "../state/ui.ts";
import { mentionOf } from "../text/mentions.ts";
import { Avatar } from "./avatar.tsx";
import { DialogFrame } from "./dialog-frame.tsx";
import { AT, EYE, EYE_OFF } from "./later-icons.ts";
import { MenuItem } from "./menu-item.tsx";
import { BAN, LEAVE, MUTE, SHIELD } from "./moderation-icons.ts";
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
        <MenuItem icon={AT} label={t.value.mention} run={() => room.composer.insert(`${mentionOf(name)} `)} />
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
          icon={hidden ? EYE : EYE_OFF}
          label={hidden ? t.value.showPerson : t.value.hidePerson}
          run={() => hidePerson(user, !hidden)}
        />
      )}
      <Moderation user={user} name={name} />
    </DialogFrame>
  );
}

/** What moderators and owners may do to the person. */
function Moderation({ user, name }: Omit<PersonCardProps, "anchor">) {
  const { client, membership, state } = useOpenRoom();
  if (!membership.canActOn(user)) return null;
  const { muted, banned } = currentlyRestricted(state.value).find((person) => person.user === user) ?? {};
  const isModerator = membership.roleOf(user) === "moderator";
  const restrict = (action: Restriction) => () => {
    dialog.value = { type: "restrict", action, user, name };
  };
  const setRole = (role: "moderator" | "member") => () => {
    const done = role === "moderator" ? m.peek().madeModerator(name) : m.peek().madeMember(name);
    void attempt(client, client.setRole(user, role), done);
  };
  return (
    <>
      <hr class="menu-line" />
      {membership.isOwner.value && (
        <MenuItem
          icon={SHIELD}
          label={isModerator ? m.value.unmakeModerator : m.value.makeModerator}
          run={setRole(isModerator ? "member" : "moderator")}
        />
      )}
      {muted !== undefined ? (
        <MenuItem
          icon={MUTE}
          label={m.value.unmute}
          run={() => void attempt(client, client.mute(user, { duration: 0 }))}
        />
      ) : (
        <MenuItem icon={MUTE} label={m.value.muteFor} run={restrict("mute")} />
      )}
      <MenuItem icon={LEAVE} label={m.value.removeFrom} run={restrict("remove")} />
      {banned !== undefined ? (
        <MenuItem
          icon={BAN}
          label={m.value.unban}
          run={() => void attempt(client, client.ban(user, { duration: 0 }))}
        />
      ) : (
        <MenuItem icon={BAN} label={m.value.banFor} run={restrict("ban")} isDanger />
      )}
    </>
  );
}
