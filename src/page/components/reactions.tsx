/** The reactions to a message. A click adds or removes the own reaction. */
import { useEffect } from "preact/hooks";
import type { TimelineMessage } from "../../client/index.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { endsHold, hideTip, tipAttributes } from "./reaction-tip.tsx";

/** Names in the label and in the tip; the remaining people are a number. */
const NAMED = 6;
const NAMED_IN_TIP = 30;

export function Reactions({ message }: { readonly message: TimelineMessage }) {
  const room = useOpenRoom();
  const entries = Object.entries(message.reactions);
  const you = room.you.value;
  useEffect(() => hideTip, []);
  return (
    <div class="reactions">
      {entries.map(([emoji, users]) => {
        const own = users.includes(you);
        return (
          <button
            type="button"
            class="reaction"
            key={emoji}
            aria-pressed={own}
            onClick={() => {
              if (!endsHold()) room.react(message.seq, emoji, !own);
            }}
            {...tipAttributes(emoji, () => namesOf(room, users, NAMED_IN_TIP).join(", "))}
          >
            <span aria-hidden="true">{emoji}</span>
            <span class="count" aria-hidden="true">
              {users.length}
            </span>
            <span class="visually-hidden">{t.value.reactedWith(namesOf(room, users, NAMED), emoji)}</span>
          </button>
        );
      })}
    </div>
  );
}

function namesOf(room: OpenRoom, users: readonly string[], count: number): string[] {
  const you = room.you.value;
  const names = users.slice(0, count).map((user) => (user === you ? t.value.you : room.nameOf(user)));
  if (users.length > count) names.push(t.value.others(users.length - count));
  return names;
}
