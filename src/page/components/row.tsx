/** One row of the timeline: a message, or what stands between messages. */
import { useSignal } from "@preact/signals";
import { locale, t } from "../i18n/index.ts";
import { clockTime, dayName, dayOf, exactTime } from "../i18n/time.ts";
import { today } from "../i18n/today.ts";
import { useOpenRoom } from "../state/context.ts";
import type { OpenRoom } from "../state/open-room.ts";
import type { MessageRow, Row } from "../state/rows.ts";
import { Avatar } from "./avatar.tsx";
import { GapRow } from "./gap.tsx";
import { MessageText } from "./message-text.tsx";
import { MessageToolbar } from "./message-toolbar.tsx";
import { personView } from "./person.tsx";
import { Quote } from "./quote.tsx";
import { Reactions } from "./reactions.tsx";

export function TimelineRow({ row }: { readonly row: Row }) {
  switch (row.type) {
    case "message":
      return <MessageView row={row} />;
    case "day":
      return <DayLine at={row.at} />;
    case "gap":
      return <GapRow gap={row.gap} />;
    case "unread":
      return (
        <p class="line unread-line">
          <span>{t.value.newMessages}</span>
        </p>
      );
  }
}

function DayLine({ at }: { readonly at: number }) {
  const now = today.value;
  const day = dayOf(at);
  const name =
    day === dayOf(now)
      ? t.value.today
      : day === dayOf(now - 1)
        ? t.value.yesterday
        : dayName(at, now, locale.value);
  return (
    <p class="line day-line">
      <span>{name}</span>
    </p>
  );
}

/** A pointer that stays on a message so long means it; others pass by, or messages pass under it. */
const REST_MS = 80;
let resting: ReturnType<typeof setTimeout> | undefined;

/** MessageView has few components inside it: a fast scroll brings hundreds of messages a second. */
function MessageView({ row }: { readonly row: MessageRow }) {
  const { message, first, quoted } = row;
  const session = useOpenRoom();
  const active = useSignal(false);
  const { seq, user, name, at } = message;

  const activate = (): void => {
    active.value = true;
  };
  const rest = (event: Event): void => {
    const row = event.currentTarget;
    // The focus stays inside, or the pointer is still there: the toolbar stays, too.
    if (row instanceof Element && event instanceof FocusEvent && event.relatedTarget instanceof Node) {
      if (row.contains(event.relatedTarget)) return;
    }
    active.value = false;
  };
  return (
    <article
      class={first ? "message first" : "message"}
      data-row={seq}
      data-seq={seq}
      tabIndex={-1}
      aria-labelledby={`who-${seq} text-${seq}`}
      onMouseEnter={() => {
        clearTimeout(resting);
        resting = setTimeout(activate, REST_MS);
      }}
      onMouseLeave={(event) => {
        clearTimeout(resting);
        rest(event);
      }}
      onFocusIn={activate}
      onFocusOut={rest}
    >
      {quoted === undefined && message.reply === undefined ? null : (
        <Quote seq={message.reply ?? 0} quoted={quoted} />
      )}
      {first && <Avatar user={user} name={name} />}
      <p class={first ? "message-head" : "visually-hidden"} id={`who-${seq}`}>
        {personView(session, message)}
        {first && timeView(at)}
      </p>
      {message.deleted === true ? (
        deletedView(session, seq)
      ) : (
        <div class="message-text" id={`text-${seq}`}>
          <MessageText text={message.text} />
          {message.edited !== undefined && (
            <span class="edited" title={exactTime(message.edited, locale.value)}>
              {t.value.edited}
            </span>
          )}
        </div>
      )}
      {Object.keys(message.reactions).length > 0 && <Reactions message={message} />}
      {active.value && (
        <>
          {!first && timeView(at)}
          <MessageToolbar message={message} />
        </>
      )}
    </article>
  );
}

function timeView(at: number) {
  return (
    <time
      dateTime={new Date(at).toISOString()}
      // Thousands of exact times are never looked at.
      onMouseEnter={({ currentTarget }) => {
        currentTarget.title = exactTime(at, locale.peek());
      }}
    >
      {clockTime(at, locale.value)}
    </time>
  );
}

function deletedView(session: OpenRoom, seq: number) {
  return (
    <div class="message-text deleted" id={`text-${seq}`}>
      <p>{t.value.deletedMessage}</p>
      {session.deletions.hidden.value.has(seq) && (
        <button type="button" class="text-button" onClick={() => session.deletions.undo(seq)}>
          {t.value.undo}
        </button>
      )}
    </div>
  );
}
