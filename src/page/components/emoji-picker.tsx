/** The emoji picker: emoji by group, and a search by name. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Emoji, loadEmoji } from "../emoji/data.ts";
import { recentEmoji, rememberEmoji } from "../emoji/recent.ts";
import { findEmoji } from "../emoji/search.ts";
import { language, t } from "../i18n/index.ts";
import { type Anchor, closeDialog } from "../state/ui.ts";
import { DialogFrame } from "./dialog-frame.tsx";
import { gridStep } from "./emoji-grid.ts";

/** Results of a search. */
const MAX_FOUND = 64;

interface EmojiPickerProps {
  readonly anchor: Anchor;
  readonly pick: (emoji: string) => void;
}

export function EmojiPicker({ anchor, pick }: EmojiPickerProps) {
  const all = useSignal<readonly Emoji[] | null>(null);
  const query = useSignal("");
  const grid = useRef<HTMLDivElement>(null);
  const failed = useSignal(false);
  useEffect(() => {
    loadEmoji(language.peek()).then(
      (emoji) => {
        all.value = emoji;
      },
      () => {
        failed.value = true;
      },
    );
  }, [all, failed]);

  const choose = (emoji: string): void => {
    rememberEmoji(emoji);
    closeDialog();
    pick(emoji);
  };
  const clicked = (event: MouseEvent): void => {
    const emoji = event.target instanceof Element ? event.target.closest("[data-emoji]") : null;
    if (emoji !== null) choose(emoji.getAttribute("data-emoji") ?? "");
  };
  const pressed = (event: KeyboardEvent): void => {
    const buttons = [...(grid.current?.querySelectorAll<HTMLElement>("[data-emoji]") ?? [])];
    const at = document.activeElement instanceof HTMLElement ? buttons.indexOf(document.activeElement) : -1;
    if (at < 0 && event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      buttons[0]?.click();
      return;
    }
    // Of the arrow keys, only arrow down leaves the search field.
    if (at < 0 && event.key !== "ArrowDown") return;
    const next = gridStep(
      event.key,
      at,
      buttons.map((button) => button.getBoundingClientRect()),
    );
    if (next === null) return;
    event.preventDefault();
    buttons[next]?.focus();
  };

  return (
    <DialogFrame kind="anchored" title={t.value.pickEmoji} bare anchor={anchor}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: handles the arrow keys of its buttons */}
      <div class="picker" onKeyDown={pressed}>
        <input
          // An input of type "search" handles Escape itself.
          type="text"
          enterkeyhint="search"
          autocomplete="off"
          aria-label={t.value.searchEmoji}
          placeholder={t.value.searchEmoji}
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
          }}
        />
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: handles the clicks on its buttons */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: handles the clicks on its buttons */}
        <div class="picker-grid" ref={grid} onClick={clicked}>
          {all.value === null ? (
            <p class="hint">{failed.value ? t.value.failedToLoad : t.value.loading}</p>
          ) : (
            <Groups all={all.value} query={query.value.trim()} />
          )}
        </div>
      </div>
    </DialogFrame>
  );
}

function Groups({ all, query }: { readonly all: readonly Emoji[]; readonly query: string }) {
  if (query !== "") {
    const found = findEmoji(all, query, MAX_FOUND);
    return found.length === 0 ? (
      <p class="hint">{t.value.noEmoji}</p>
    ) : (
      <Group title={t.value.searchEmoji} emoji={found} />
    );
  }
  const recent = recentEmoji().flatMap((emoji) => all.find((entry) => entry.emoji === emoji) ?? []);
  return (
    <>
      {recent.length > 0 && <Group title={t.value.recentEmoji} emoji={recent} />}
      {t.value.emojiGroups.map((title, group) => {
        const emoji = all.filter((entry) => entry.group === group);
        return emoji.length > 0 && <Group key={title} title={title} emoji={emoji} />;
      })}
    </>
  );
}

function Group({ title, emoji }: { readonly title: string; readonly emoji: readonly Emoji[] }) {
  return (
    <section class="picker-group" aria-label={title}>
      <h3>{title}</h3>
      <div>
        {emoji.map(({ emoji, label }) => (
          <button type="button" class="emoji" key={emoji} data-emoji={emoji} aria-label={label} title={label}>
            {emoji}
          </button>
        ))}
      </div>
    </section>
  );
}
