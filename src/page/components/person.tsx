/** A person's name in the colour of their id, with the id's tag where two names look alike. */
import { t } from "../i18n/index.ts";
import { useSession } from "../state/context.ts";
import type { RoomSession } from "../state/session.ts";
import { hueOf } from "../text/color.ts";

interface PersonProps {
  readonly user: string;
  readonly name: string;
}

export function Person(person: PersonProps) {
  return personView(useSession(), person);
}

/** What Person shows, for views of which there are so many that each component in them counts. */
export function personView(session: RoomSession, { user, name }: PersonProps) {
  const you = session.you.value === user;
  return (
    <span class="person" style={{ "--hue": hueOf(user) }}>
      <bdi class="person-name">{name}</bdi>
      {session.lookAlikes.value.has(user) && (
        <>
          {" "}
          <span class="tag">#{user.slice(0, 4)}</span>
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
