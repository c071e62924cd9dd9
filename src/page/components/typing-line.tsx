/** Who is typing; its line is there even when nobody is, so that nothing moves. */
import { t } from "../i18n/index.ts";
import { useSession } from "../state/context.ts";

export function TypingLine() {
  const session = useSession();
  const { typing } = session.state.value;
  return (
    <p class="typing-line" aria-live="off">
      {typing.length > 0 && t.value.typing(typing.map((user) => session.nameOf(user)))}
    </p>
  );
}
