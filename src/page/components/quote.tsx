/** The message that another one answers, in one line; it leads there. */
import type { TimelineMessage } from "../../client/index.ts";
import { t } from "../i18n/index.ts";
import { useSession } from "../state/context.ts";
import { plainText } from "../text/plain.ts";
import { Icon } from "./icon.tsx";
import { personView } from "./person.tsx";

interface QuoteProps {
  readonly seq: number;
  readonly quoted: TimelineMessage | undefined;
}

/** Characters of the quoted text; the rest would not be seen. */
const SHOWN = 200;

export function Quote({ seq, quoted }: QuoteProps) {
  const session = useSession();
  return (
    <button
      type="button"
      class="quote"
      onClick={() => {
        session.jumpTo.value = seq;
      }}
    >
      <Icon name="reply" />
      <span class="visually-hidden">{t.value.inReplyTo}</span>
      {quoted === undefined ? (
        <span class="quote-text">{t.value.earlierMessage}</span>
      ) : (
        <>
          {personView(session, quoted)}
          <bdi class="quote-text">{excerpt(quoted)}</bdi>
        </>
      )}
    </button>
  );
}

/** The beginning of a message's text, in one line. */
export function excerpt({ text, deleted }: TimelineMessage): string {
  return deleted === true ? t.value.deletedMessage : plainText(text.slice(0, SHOWN));
}
