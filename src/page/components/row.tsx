/** One row of the timeline: a message, a day, a gap or the line of new messages. */
import { useSignal } from "@preact/signals";
import type { TimelineMessage } from "../../client/index.ts";
import { ownText } from "../../protocol/files.ts";
import { locale, t } from "../i18n/index.ts";
import { dayName, dayOf, exactTime } from "../i18n/time.ts";
import { today } from "../i18n/today.ts";
import { useOpenRoom } from "../state/context.ts";
import { isConcealed, reveal } from "../state/hidden-people.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { fileRows } from "../state/rare-rows.ts";
import type { MessageRow, Row } from "../state/rows.ts";
import { anchorAt, dialog } from "../state/ui.ts";
import { mentions } from "../text/mentions.ts";
import { Avatar } from "./avatar.tsx";
import { GapRow } from "./gap.tsx";
import { later } from "./later.tsx";
import { MessageText } from "./message-text.tsx";
import { NoticeRow } from "./notice-row.tsx";
import { personView } from "./person.tsx";
import { Quote } from "./quote.tsx";
import { Reactions } from "./reactions.tsx";
import { timeView } from "./time-view.tsx";

const MessageToolbar = later(async () => (await import("./message-toolbar.tsx")).MessageToolbar);
const MessageFiles = later(async () => (await import("./message-files.tsx")).MessageFiles);
fileRows.setLoader(MessageFiles.load);

export function TimelineRow({ row }: { readonly row: Row }) {
  switch (row.type) {
    case "message":
      return <MessageView row={row} />;
    case "notice":
      return <NoticeRow notice={row.notice} />;
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
  return (
    <p class="line day-line">
      <span>{dayLabel(at)}</span>
    </p>
  );
}

/** Returns the name of the day of `at`. */
export function dayLabel(at: number): string {
  const now = today.value;
  const day = dayOf(at);
  if (day === dayOf(now)) return t.value.today;
  if (day === dayOf(now - 1)) return t.value.yesterday;
  return dayName(at, now, locale.value);
}

/** Time that the pointer must rest on a message before its toolbar appears, ms. */
const HOVER_MS = 80;
let hoverTimer: ReturnType<typeof setTimeout> | undefined;

/** Contains few components: fast scrolling draws hundreds of messages a second. */
function MessageView({ row }: { readonly row: MessageRow }) {
  const { message, first, quoted } = row;
  const room = useOpenRoom();
  const active = useSignal(false);
  const { seq, user, name, at, files } = message;
  const text = ownText(message);
  const isOwn = user === room.you.value;
  const concealed = isConcealed(room.name, message);
  const mentionsYou = !isOwn && !concealed && message.deleted !== true && mentions(text, room.ownName.value);

  const activate = (): void => {
    active.value = true;
  };
  const deactivate = (event: Event): void => {
    const row = event.currentTarget;
    // The focus has moved inside the message.
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
      data-editing={(isOwn && room.composer.editing.value?.seq === seq) || undefined}
      data-mention={mentionsYou || undefined}
      tabIndex={-1}
      aria-labelledby={`who-${seq} text-${seq} files-${seq}`}
      onMouseEnter={() => {
        clearTimeout(hoverTimer);
        hoverTimer = setTimeout(activate, HOVER_MS);
      }}
      onMouseLeave={(event) => {
        clearTimeout(hoverTimer);
        deactivate(event);
      }}
      onFocusIn={activate}
      onFocusOut={deactivate}
    >
      {quoted === undefined && message.reply === undefined ? null : (
        <Quote seq={message.reply ?? 0} quoted={quoted} />
      )}
      {first && <Avatar user={user} name={name} onClick={(event) => showPerson(event, message)} />}
      <p class={first ? "message-head" : "visually-hidden"} id={`who-${seq}`}>
        {first ? personButton(room, message) : personView(room, message)}
        {first && (
          <>
            {timeView(at)}
            {editedView(message)}
          </>
        )}
      </p>
      {message.deleted === true ? (
        deletedView(room, message)
      ) : concealed ? (
        concealedView(room, seq)
      ) : (
        <>
          {(text !== "" || !files) && (
            <div class="message-text" id={`text-${seq}`}>
              <MessageText text={text} />
              {!first && editedView(message)}
            </div>
          )}
          {files && <MessageFiles seq={seq} files={files} />}
        </>
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

/** The author's name, which opens the author's card. Keyboards reach the card by the menu of the message. */
function personButton(room: OpenRoom, message: TimelineMessage) {
  return (
    <button
      type="button"
      class="person-button"
      tabIndex={-1}
      aria-haspopup="dialog"
      onClick={(event) => showPerson(event, message)}
    >
      {personView(room, message)}
    </button>
  );
}

function showPerson({ currentTarget }: Event, { user, name }: TimelineMessage): void {
  if (currentTarget instanceof Element)
    dialog.value = { type: "person", user, name, anchor: anchorAt(currentTarget) };
}

/** Follows the time, or the text of a message that does not show its time. */
function editedView({ edited }: TimelineMessage) {
  if (edited === undefined) return null;
  return (
    <span class="edited" title={exactTime(edited, locale.value)}>
      {t.value.edited}
    </span>
  );
}

function concealedView(room: OpenRoom, seq: number) {
  return (
    <div class="message-text deleted" id={`text-${seq}`}>
      <p>{t.value.hiddenMessage}</p>
      <button type="button" class="text-button" onClick={() => reveal(room.name, seq)}>
        {t.value.show}
      </button>
    </div>
  );
}

function deletedView(room: OpenRoom, { seq, moderated }: TimelineMessage) {
  return (
    <div class="message-text deleted" id={`text-${seq}`}>
      <p>{moderated === true ? t.value.moderatedMessage : t.value.deletedMessage}</p>
      {room.deletions.hidden.value.has(seq) && (
        <button type="button" class="text-button" onClick={() => room.deletions.undo(seq)}>
          {t.value.undo}
        </button>
      )}
    </div>
  );
}
