/** People who are muted or banned, for moderators. */
import type { RestrictedPerson } from "../../client/index.ts";
import { locale } from "../i18n/index.ts";
import { m } from "../i18n/moderation.ts";
import { momentText } from "../i18n/time.ts";
import { today } from "../i18n/today.ts";
import { attempt, withReason } from "../state/attempt.ts";
import { useOpenRoom } from "../state/context.ts";
import { currentlyRestricted } from "../state/restricted.ts";
import { Avatar } from "./avatar.tsx";
import { DialogFrame } from "./dialog-frame.tsx";
import { Person } from "./person.tsx";

export function RestrictedDialog() {
  const shown = currentlyRestricted(useOpenRoom().state.value);
  return (
    <DialogFrame kind="box" title={m.value.mutedAndBanned}>
      {shown.length === 0 && <p class="hint dialog-note">{m.value.nobodyRestricted}</p>}
      {/* biome-ignore lint/a11y/noRedundantRoles: Safari does not treat a list without bullets as a list */}
      <ul class="restricted" role="list">
        {shown.map((person) => (
          <RestrictedEntry key={person.user} person={person} />
        ))}
      </ul>
    </DialogFrame>
  );
}

function RestrictedEntry({ person }: { readonly person: RestrictedPerson }) {
  const { client, state } = useOpenRoom();
  const { user, name, muted, banned } = person;
  const untilText = (until: number | undefined): string =>
    until === undefined ? "" : momentText(until - state.value.clockOffset, today.value, locale.value);
  return (
    <li>
      <Avatar user={user} name={name} />
      <div>
        <Person user={user} name={name} />
        {muted !== undefined && (
          <p class="hint">{withReason(m.value.mutedUntil(untilText(muted.until)), muted.reason)}</p>
        )}
        {banned !== undefined && (
          <p class="hint">
            {withReason(m.value.bannedUntil(untilText(banned.until)), banned.reason)}
            {banned.network === true && ` (${m.value.andNetwork})`}
          </p>
        )}
      </div>
      <div class="restricted-actions">
        {muted !== undefined && (
          <button
            type="button"
            class="plain-button"
            aria-label={m.value.unmuteName(name)}
            onClick={() => void attempt(client, client.mute(user, { duration: 0 }))}
          >
            {m.value.unmute}
          </button>
        )}
        {banned !== undefined && (
          <button
            type="button"
            class="plain-button"
            aria-label={m.value.unbanName(name)}
            onClick={() => void attempt(client, client.ban(user, { duration: 0 }))}
          >
            {m.value.unban}
          </button>
        )}
      </div>
    </li>
  );
}
