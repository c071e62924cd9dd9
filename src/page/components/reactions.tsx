/** Reactions to a message, each a switch. */
import type { TimelineMessage } from "../../client/index.ts";
import { t } from "../i18n/index.ts";
import { react } from "../state/actions.ts";
import { useSession } from "../state/context.ts";

/** Names that are spelled out; the others are a number. */
const NAMED = 6;

export function Reactions({ message }: { readonly message: TimelineMessage }) {
  const session = useSession();
  const entries = Object.entries(message.reactions);
  const you = session.you.value;
  return (
    <div class="reactions">
      {entries.map(([emoji, users]) => {
        const own = users.includes(you);
        const named = users
          .slice(0, NAMED)
          .map((user) => (user === you ? t.value.you : session.nameOf(user)));
        if (users.length > NAMED) named.push(t.value.others(users.length - NAMED));
        const label = t.value.reactedWith(named.join(", "), emoji);
        return (
          <button
            type="button"
            class="reaction"
            key={emoji}
            aria-pressed={own}
            title={label}
            onClick={() => react(session, message.seq, emoji, !own)}
          >
            <span aria-hidden="true">{emoji}</span>
            <span class="count" aria-hidden="true">
              {users.length}
            </span>
            <span class="visually-hidden">{label}</span>
          </button>
        );
      })}
    </div>
  );
}
