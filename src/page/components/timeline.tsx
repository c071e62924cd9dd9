/** The messages of the room, in blocks that are drawn where the reader is. */
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { soon } from "../effects/idle.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import type { Block } from "../state/rows.ts";
import { JumpTarget } from "../timeline/jump.ts";
import { TimelineKeys } from "../timeline/keys.ts";
import { watchLongPress } from "../timeline/long-press.ts";
import type { Part } from "../timeline/near.ts";
import { Scroller } from "../timeline/scroller.ts";
import { TimelineWindow } from "../timeline/window.ts";
import { Icon } from "./icon.tsx";
import { PendingList } from "./pending.tsx";
import { TimelineRow } from "./row.tsx";

export function Timeline() {
  const session = useOpenRoom();
  const log = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const blocks = session.blocks.value;
  const pending = session.pending.value;
  const { near, scroller } = useMemo(() => {
    const near = new TimelineWindow(() => session.blocks.peek());
    return { near, scroller: new Scroller(session, near) };
  }, [session]);

  useLayoutEffect(() => {
    if (log.current === null || content.current === null) return;
    const stops = [
      near.start(log.current, content.current),
      scroller.start(log.current, content.current),
      new TimelineKeys(session, log.current, near).start(),
      new JumpTarget(session, log.current, near, () => scroller.moved()).start(),
      watchLongPress(session, log.current),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [session, near, scroller]);

  // Every drawing may move what the reader looks at.
  useLayoutEffect(() => scroller.settle());
  // What is above the first screen of messages comes once that is to be seen.
  const isFilled = blocks.length > 0;
  useEffect(() => {
    if (!isFilled) return undefined;
    return soon(() => {
      session.isWhole.value = true;
    });
  }, [isFilled, session]);
  // More is wanted as long as the top is near, also where what came did not fill the screen.
  useEffect(() => scroller.wantEarlier(), [blocks, scroller]);

  return (
    <div class="timeline">
      <div
        class="log"
        ref={log}
        role="log"
        aria-label={t.value.messages}
        aria-relevant="additions"
        aria-busy={session.loading.value}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and arrow keys go from message to message
        tabIndex={0}
      >
        <div class="log-content" ref={content}>
          <Top more={session.more.value} empty={blocks.length === 0 && pending.length === 0} />
          {near.parts().map(partView)}
          <PendingList />
        </div>
      </div>
      <JumpToLatest onClick={() => scroller.toEnd()} />
    </div>
  );
}

/** Views of all blocks but the last: the same view for the same block, which is then not even looked at again. */
const views = new WeakMap<Block, JSX.Element>();

function partView(part: Part): JSX.Element {
  if (part.type === "spacer") return <div key={part.key} data-spacer={part.key} />;
  if (part.isLast) return blockView(part.block);
  const known = views.get(part.block);
  if (known !== undefined) return known;
  const view = blockView(part.block, "off");
  views.set(part.block, view);
  return view;
}

/** Screen readers tell of what is added to the last block alone: to the others, it is what scrolling brings back. */
function blockView({ key, rows }: Block, live?: "off"): JSX.Element {
  return (
    <div class="block" key={key} data-block={key} aria-live={live}>
      {rows.map((row) => (
        <TimelineRow key={row.key} row={row} />
      ))}
    </div>
  );
}

/** What is above the oldest message. */
function Top({ more, empty }: { readonly more: boolean; readonly empty: boolean }) {
  const session = useOpenRoom();
  if (session.fromCache.value) {
    const waiting = session.state.value.connection !== "closed";
    return <p class="top hint">{empty ? waiting && t.value.loading : t.value.olderGone}</p>;
  }
  if (more || session.isReading.value) return <p class="top hint">{t.value.loading}</p>;
  if (!empty) return <p class="top hint">{t.value.beginning}</p>;
  return (
    <div class="empty">
      <p class="empty-title">{t.value.empty}</p>
      <p>{t.value.emptyHint}</p>
    </div>
  );
}

function JumpToLatest({ onClick }: { readonly onClick: () => void }) {
  const session = useOpenRoom();
  if (session.atEnd.value) return null;
  const unread = session.unread.value;
  return (
    <button type="button" class="jump" onClick={onClick}>
      <Icon name="down" />
      {unread > 0 ? t.value.newCount(unread) : t.value.jumpToLatest}
    </button>
  );
}
