/** The search of the open room, beside its messages or above them: a field and the messages that match. */
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { canHover, peopleBeside } from "../effects/media.ts";
import { SEARCH_FIELD } from "../effects/open-search.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import { type RoomSearch, searchOf } from "../state/room-search.ts";
import { Icon } from "./icon.tsx";
import { optionId, SearchResults } from "./search-results.tsx";

export function SearchPanel() {
  const room = useOpenRoom();
  const search = searchOf(room);
  const panel = useRef<HTMLElement>(null);
  const field = useRef<HTMLInputElement>(null);
  /** The element that had the focus before the panel; `null` if there is none to return to. */
  const before = useRef<HTMLElement | null>(null);
  const listId = useId();
  const { text } = search;
  const messages = search.found.value?.messages ?? [];
  const at = Math.min(search.chosen.value, messages.length - 1);

  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
    search.resume();
    return () => search.stop();
  }, [search]);
  useEffect(() => {
    panel.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at, search.found.value]);

  const close = (): void => {
    room.isSearching.value = false;
    // The panel is removed before the next frame; on a phone, the room is hidden until then.
    requestAnimationFrame(() => {
      if (before.current?.isConnected) before.current.focus();
      else if (canHover.peek()) room.composer.focus();
    });
  };
  const open = (index: number): void => {
    const message = messages[index];
    if (message === undefined) return;
    search.chosen.value = index;
    // Without room for both, the panel covers the message.
    if (!peopleBeside.peek()) room.isSearching.value = false;
    room.jumpTo.value = message.seq;
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown") void chooseNext(search, at);
    else if (event.key === "ArrowUp") search.chosen.value = Math.max(0, at - 1);
    else if (event.key === "Enter" && search.isWaiting) void search.start();
    else if (event.key === "Enter") open(at);
    else return;
    event.preventDefault();
  };
  return (
    <search
      class="panel search-panel"
      aria-label={t.value.searchMessages}
      ref={panel}
      onFocusIn={({ relatedTarget }) => {
        if (relatedTarget instanceof HTMLElement && !panel.current?.contains(relatedTarget))
          before.current = relatedTarget;
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing) return;
        event.preventDefault();
        close();
      }}
    >
      <div class="search-head">
        <Icon name="search" />
        <input
          type="text"
          ref={field}
          id={SEARCH_FIELD}
          dir="auto"
          role="combobox"
          enterkeyhint="search"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-label={t.value.searchMessages}
          placeholder={t.value.searchMessages}
          aria-expanded={messages.length > 0}
          aria-controls={listId}
          aria-activedescendant={messages.length === 0 ? undefined : optionId(listId, at)}
          value={text.value}
          onInput={(event) => {
            search.type(event.currentTarget.value);
            if (event.isComposing) search.wait();
          }}
          onCompositionEnd={(event) => search.type(event.currentTarget.value)}
          onKeyDown={pressed}
        />
        <button
          type="button"
          class="icon-button"
          aria-label={t.value.close}
          title={t.value.close}
          onClick={close}
        >
          <Icon name="close" />
        </button>
      </div>
      <SearchResults search={search} listId={listId} at={at} open={open} />
    </search>
  );
}

/** Chooses the result after `at`. The last one is followed by those of the next page. */
async function chooseNext(search: RoomSearch, at: number): Promise<void> {
  const known = search.found.peek();
  if (known === null) return;
  if (at + 1 >= known.messages.length) await search.more();
  const found = search.found.peek();
  if (found?.q === known.q && at + 1 < found.messages.length) search.chosen.value = at + 1;
}
