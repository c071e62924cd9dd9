/** The reactions to a message. A click adds or removes the own reaction. */
import type { TimelineMessage } from "../../client/index.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";

/** Names in the label; the remaining people are a number. */
const NAMED = 6;

export function Reactions({ message }: { readonly message: TimelineMessage }) {
  const room = useOpenRoom();
  const entries = Object.entries(message.reactions);
  const you = room.you.value;
  return (
    <div class="reactions">
      {entries.map(([emoji, users]) => {
        const own = users.includes(you);
        const named = users.slice(0, NAMED).map((user) => (user === you ? t.value.you : room.nameOf(user)));
        if (users.length > NAMED) named.push(t.value.others(users.length - NAMED));
        const label = t.value.reactedWith(named, emoji);
        return (
          <button
            type="button"
            class="reaction"
            key={emoji}
            aria-pressed={own}
            title={label}
            onClick={() => room.react(message.seq, emoji, !own)}
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
