/** One row of the timeline: a message, or what stands between messages. */
import { type Signal, useSignal } from "@preact/signals";
import type { TimelineMessage } from "../../client/index.ts";
import { locale, t } from "../i18n/index.ts";
import { undoDelete } from "../state/actions.ts";
import { useSession } from "../state/context.ts";
import { clockTime, dayName, dayOf, exactTime } from "../text/time.ts";
import type { MessageRow, Row } from "../timeline/rows.ts";
import { Avatar } from "./avatar.tsx";
import { GapRow } from "./gap.tsx";
import { MessageText } from "./message-text.tsx";
import { MessageToolbar } from "./message-toolbar.tsx";
import { Person } from "./person.tsx";
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
  const now = Date.now();
  const day = dayOf(at);
  const name =
    day === dayOf(now)
      ? t.value.today
      : day === dayOf(now - 86_400_000)
        ? t.value.yesterday
        : dayName(at, now, locale.value);
  return (
    <p class="line day-line">
      <span>{name}</span>
    </p>
  );
}

function MessageView({ row }: { readonly row: MessageRow }) {
  const { message, first, quoted } = row;
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
      data-row=""
      data-seq={seq}
      tabIndex={-1}
      aria-labelledby={`who-${seq} text-${seq}`}
      onMouseEnter={activate}
      onMouseLeave={rest}
      onFocusIn={activate}
      onFocusOut={rest}
    >
      {quoted === undefined && message.reply === undefined ? null : (
        <Quote seq={message.reply ?? 0} quoted={quoted} />
      )}
      {first && <Avatar user={user} name={name} />}
      <p class={first ? "message-head" : "visually-hidden"} id={`who-${seq}`}>
        <Person user={user} name={name} />
        {first && <Time at={at} />}
      </p>
      <MessageBody message={message} />
      <Reactions message={message} />
      <WhileActive active={active} row={row} />
    </article>
  );
}

interface WhileActiveProps {
  readonly active: Signal<boolean>;
  readonly row: MessageRow;
}

/** What a message shows under the pointer or in focus; it alone is drawn again when they come and go. */
function WhileActive({ active, row: { message, first } }: WhileActiveProps) {
  if (!active.value) return null;
  return (
    <>
      {!first && <Time at={message.at} />}
      <MessageToolbar message={message} />
    </>
  );
}

function Time({ at }: { readonly at: number }) {
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

function MessageBody({ message }: { readonly message: TimelineMessage }) {
  const session = useSession();
  const { seq, deleted, edited, text } = message;
  if (deleted === true) {
    return (
      <div class="message-text deleted" id={`text-${seq}`}>
        <p>{t.value.deletedMessage}</p>
        {session.hidden.value.has(seq) && (
          <button type="button" class="text-button" onClick={() => undoDelete(session, seq)}>
            {t.value.undo}
          </button>
        )}
      </div>
    );
  }
  return (
    <div class="message-text" id={`text-${seq}`}>
      <MessageText text={text} />
      {edited !== undefined && (
        <span class="edited" title={exactTime(edited, locale.value)}>
          {t.value.edited}
        </span>
      )}
    </div>
  );
}
