/** The names of people who are typing. The line is always there, so that nothing moves. */
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { isHidden } from "../state/hidden-people.ts";

export function TypingLine() {
  const room = useOpenRoom();
  const typing = room.state.value.typing.filter((user) => !isHidden(user));
  return (
    <p class="typing-line" aria-live="off">
      {typing.length > 0 && t.value.typing(typing.map((user) => room.nameOf(user)))}
    </p>
  );
}
