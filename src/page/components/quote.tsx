/** The answered message in one line. A click scrolls to it. */
import type { TimelineMessage } from "../../client/index.ts";
import { ownText } from "../../protocol/files.ts";
import { filesText } from "../i18n/files-text.ts";
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

interface Excerpted {
  readonly text: string;
  readonly deleted?: true;
  readonly files?: Parameters<typeof filesText>[0];
}

/** Returns the beginning of a message's text, in one line; if it has none, what its files are. */
export function excerpt(message: Excerpted): string {
  const { deleted, files = [] } = message;
  if (deleted === true) return t.value.deletedMessage;
  return plainText(ownText(message).slice(0, EXCERPT_LENGTH)) || filesText(files);
}
