/** The messages of one person, latest first. Each leads to its place in the timeline. */
import { useSignal } from "@preact/signals";
import type { TimelineMessage } from "../../client/index.ts";
import { locale, t } from "../i18n/index.ts";
import { clockTime } from "../i18n/time.ts";
import { useOpenRoom } from "../state/context.ts";
import type { OpenRoom } from "../state/open-room.ts";
import { closeDialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { excerpt } from "./quote.tsx";
import { dayLabel } from "./row.tsx";

/** Messages shown at first, and added by each request for more. */
const STEP = 50;
/** Messages of the room requested at a time. */
const PAGE = 100;

interface MessagesByProps {
  readonly user: string;
  readonly name: string;
}

export function MessagesByDialog({ user, name }: MessagesByProps) {
  const room = useOpenRoom();
  const shown = useSignal(STEP);
  const found = messagesBy(room, user);
  const earliest = room.state.value.timeline.items.find((item) => item.type === "message");
  const showMore = (): void => {
    shown.value += STEP;
    if (found.length < shown.peek() && room.more.peek())
      void room.loading.while(room.client.loadEarlier({ limit: PAGE }));
  };
  return (
    <DialogFrame kind="box" title={t.value.messagesBy(name)}>
      <ul class="found-messages">
        {found.slice(0, shown.value).map((message) => (
          <li key={message.seq}>
            <button
              type="button"
              class="found-message"
              onClick={() => {
                closeDialog();
                room.jumpTo.value = message.seq;
              }}
            >
              <span class="found-time">
                {dayLabel(message.at)}, {clockTime(message.at, locale.value)}
              </span>
              <bdi>{excerpt(message)}</bdi>
            </button>
          </li>
        ))}
      </ul>
      <p class="hint found-note" role="status">
        {found.length === 0 && t.value.nothingFound}{" "}
        {earliest !== undefined && room.more.value && t.value.searchedTo(dayLabel(earliest.at))}
      </p>
      {(room.more.value || found.length > shown.value) && (
        <button type="button" class="panel-button" aria-disabled={room.loading.value} onClick={showMore}>
          {room.loading.value ? t.value.loading : t.value.searchEarlier}
        </button>
      )}
    </DialogFrame>
  );
}

function messagesBy(room: OpenRoom, user: string): TimelineMessage[] {
  return room.state.value.timeline.items
    .filter(
      (item): item is TimelineMessage =>
        item.type === "message" && item.user === user && item.deleted !== true,
    )
    .reverse();
}
