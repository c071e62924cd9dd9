/** The messages of the room. Only the row blocks around the visible range are drawn. */
import type { ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { soon } from "../effects/idle.ts";
import { locale, t } from "../i18n/index.ts";
import { clockTime, dayName, dayOf } from "../i18n/time.ts";
import { today } from "../i18n/today.ts";
import { useOpenRoom } from "../state/context.ts";
import type { RowBlock } from "../state/rows.ts";
import { inputWatcher } from "../timeline/input.ts";
import { JumpTarget } from "../timeline/jump.ts";
import { Scroller } from "../timeline/scroller.ts";
import type { Part } from "../timeline/visible-range.ts";
import { TimelineWindow } from "../timeline/window.ts";
import { Icon } from "./icon.tsx";
import { later } from "./later.tsx";
import { PendingList } from "./pending.tsx";
import { dayLabel, TimelineRow } from "./row.tsx";

export function Timeline() {
  const room = useOpenRoom();
  const log = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const blocks = room.blocks.value;
  const pending = room.pending.value;
  const { timelineWindow, scroller } = useMemo(() => {
    const timelineWindow = new TimelineWindow(() => room.blocks.peek());
    return { timelineWindow, scroller: new Scroller(room, timelineWindow) };
  }, [room]);

  useLayoutEffect(() => {
    if (log.current === null || content.current === null) return;
    const stops = [
      timelineWindow.start(log.current, content.current),
      scroller.start(log.current, content.current),
      new JumpTarget(room, log.current, timelineWindow, () => scroller.keepPosition()).start(),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [room, timelineWindow, scroller]);

  const watchInput = inputWatcher.value;
  useEffect(() => {
    if (watchInput === null || log.current === null) return undefined;
    return watchInput(room, log.current, timelineWindow);
  }, [room, timelineWindow, watchInput]);

  useLayoutEffect(() => scroller.restorePosition());
  // The messages above the first screen are drawn once the first screen is visible.
  const isFilled = blocks.length > 0;
  useEffect(() => {
    if (!isFilled) return undefined;
    return soon(() => {
      room.isWhole.value = true;
    });
  }, [isFilled, room]);
  // The loaded messages may not fill the screen.
  useEffect(() => scroller.loadEarlier(), [blocks, scroller]);

  return (
    <div class="timeline">
      <div
        class="log"
        ref={log}
        role="log"
        aria-label={t.value.messages}
        aria-relevant="additions"
        aria-busy={room.loading.value}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and arrow keys move the focus between messages
        tabIndex={0}
      >
        <div class="log-content" ref={content}>
          <Top more={room.more.value} empty={room.isEmpty.value && pending.length === 0} />
          {timelineWindow.parts().map(partView)}
          <PendingList />
        </div>
      </div>
      <ViewDay at={scroller.viewDay} />
      <UnreadAbove />
      <JumpToLatest onClick={() => scroller.scrollToEnd()} />
    </div>
  );
}

/** Rendered blocks, except the last. Preact skips a block whose element is the same as before. */
const views = new WeakMap<RowBlock, JSX.Element>();

function partView(part: Part): JSX.Element {
  if (part.type === "spacer") return <div key={part.key} data-spacer={part.key} />;
  if (part.isLast) return blockView(part.block);
  const known = views.get(part.block);
  if (known !== undefined) return known;
  const view = blockView(part.block, "off");
  views.set(part.block, view);
  return view;
}

/** Screen readers announce additions to the last block only. Rows added to other blocks come from scrolling. */
function blockView({ key, rows }: RowBlock, live?: "off"): JSX.Element {
  return (
    <div class="block" key={key} data-block={key} aria-live={live}>
      {rows.map((row) => (
        <TimelineRow key={row.key} row={row} />
      ))}
    </div>
  );
}

const Invitation = later(async () => (await import("./invitation.tsx")).Invitation);

/** The text above the oldest message. */
function Top({ more, empty }: { readonly more: boolean; readonly empty: boolean }) {
  const room = useOpenRoom();
  if (room.fromCache.value) {
    const waiting = room.state.value.connection !== "closed";
    return <p class="top hint">{empty ? waiting && t.value.loading : t.value.olderGone}</p>;
  }
  if (more || room.isReading.value) return <p class="top hint">{t.value.loading}</p>;
  if (!empty) return <p class="top hint">{t.value.beginning}</p>;
  return <Invitation />;
}

/** The day of the first visible message. Screen readers read it from the line of the day. */
function ViewDay({ at }: { readonly at: ReadonlySignal<number | null> }) {
  const { above } = useOpenRoom().reading.unread.value;
  if (at.value === null || above > 0) return null;
  return (
    <p class="view-day" aria-hidden="true">
      {dayLabel(at.value)}
    </p>
  );
}

/** Leads to the first unread message if it is above the view. */
function UnreadAbove() {
  const room = useOpenRoom();
  const { above, first, isComplete } = room.reading.unread.value;
  if (above === 0 || first === undefined) return null;
  const focusLog = ({ currentTarget }: MouseEvent): void => {
    if (currentTarget instanceof Element)
      currentTarget
        .closest(".timeline")
        ?.querySelector<HTMLElement>("[role=log]")
        ?.focus({ preventScroll: true });
  };
  return (
    <div class="pill unread-above">
      <button
        type="button"
        onClick={() => {
          room.jumpTo.value = "unread";
        }}
      >
        <Icon name="up" />
        {isComplete ? t.value.newSince(above, sinceName(first.at)) : t.value.newAbove}
      </button>
      <button
        type="button"
        class="pill-close"
        aria-label={t.value.markRead}
        title={t.value.markRead}
        onClick={(event) => {
          focusLog(event);
          room.reading.markAllRead();
        }}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

/** Returns the time of `at`, or the day if it was not today. */
function sinceName(at: number): string {
  const now = today.value;
  return dayOf(at) === dayOf(now) ? clockTime(at, locale.value) : dayName(at, now, locale.value);
}

function JumpToLatest({ onClick }: { readonly onClick: () => void }) {
  const room = useOpenRoom();
  const { total, above } = room.reading.unread.value;
  if (room.atEnd.value) return null;
  const below = total - above;
  return (
    <button type="button" class="pill jump" onClick={onClick}>
      <Icon name="down" />
      {below > 0 ? t.value.newCount(below) : t.value.jumpToLatest}
    </button>
  );
}
