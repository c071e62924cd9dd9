/** A person's name in the colour of the user id, the role, and a tag of the id if two names look alike. */
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { hueOf } from "./avatar.tsx";

interface PersonProps {
  readonly user: string;
  readonly name: string;
}

export function Person(person: PersonProps) {
  return personView(useOpenRoom(), person);
}

/** Returns the tag that distinguishes users with similar names. */
export function tagOf(user: string): string {
  return `#${user.slice(0, 4)}`;
}

/** Returns the content of Person, for callers drawn so often that the cost of a component matters. */
export function personView(room: OpenRoom, { user, name }: PersonProps) {
  const you = room.you.value === user;
  const role = room.membership.roles.value.get(user);
  return (
    <span class="person" style={{ "--hue": hueOf(user) }}>
      <bdi class="person-name">{name}</bdi>
      {room.lookAlikes.users.value.has(user) && (
        <>
          {" "}
          <span class="tag">{tagOf(user)}</span>
        </>
      )}
      {role !== undefined && (
        <>
          {" "}
          <span class="tag role">{t.value.roles[role]}</span>
        </>
      )}
      {you && (
        <>
          {" "}
          <span class="tag">{t.value.you}</span>
        </>
      )}
    </span>
  );
}
