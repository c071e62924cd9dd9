/** The answered message in one line. A click scrolls to it. */
import type { TimelineMessage } from "../../client/index.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { isConcealed } from "../state/hidden-people.ts";
import { plainText } from "../text/plain.ts";
import { Icon } from "./icon.tsx";
import { personView } from "./person.tsx";

interface QuoteProps {
  readonly seq: number;
  readonly quoted: TimelineMessage | undefined;
}

/** Characters of the quoted text; more would not be visible. */
export const EXCERPT_LENGTH = 200;

export function Quote({ seq, quoted }: QuoteProps) {
  const room = useOpenRoom();
  return (
    <button
      type="button"
      class="quote"
      onClick={() => {
        room.jumpTo.value = seq;
      }}
    >
      <Icon name="reply" />
      <span class="visually-hidden">{t.value.inReplyTo}</span>
      {quoted === undefined ? (
        <span class="quote-text">{t.value.earlierMessage}</span>
      ) : (
        <>
          {personView(room, quoted)}
          <bdi class="quote-text">
            {isConcealed(room.name, quoted) ? t.value.hiddenMessage : excerpt(quoted)}
          </bdi>
        </>
      )}
    </button>
  );
}

/** Returns the beginning of a message's text, in one line. */
export function excerpt({ text, deleted }: TimelineMessage): string {
  return deleted === true ? t.value.deletedMessage : plainText(text.slice(0, EXCERPT_LENGTH));
}
