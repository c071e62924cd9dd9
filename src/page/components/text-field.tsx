/** The field in which messages are written: it grows with its text, completes names and emoji, and handles keys. */
import { type Signal, signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { canHover, enterSends } from "../effects/media.ts";
import { t } from "../i18n/index.ts";
import type { Composer } from "../state/composer.ts";
import { useOpenRoom } from "../state/context.ts";
import { roomTitle } from "../state/room-names.ts";
import type * as SuggestionsModule from "./suggestions.tsx";

/** The code of the suggestions; `null` until it is loaded. */
const suggesting: Signal<typeof SuggestionsModule | null> = signal(null);

/** Loads the code of the suggestions. Without it messages can still be written. */
export async function loadSuggestions(): Promise<void> {
  suggesting.value ??= await import("./suggestions.tsx");
}

export function TextField() {
  const room = useOpenRoom();
  const { composer } = room;
  const field = useRef<HTMLTextAreaElement>(null);
  const text = composer.text.value;
  const code = suggesting.value;
  const suggestions = useMemo(() => code && new code.SuggestionState(room, field), [code, room]);
  const hasTyped = useRef(false);
  useEffect(() => {
    // What was typed while the code was loaded.
    if (hasTyped.current) suggestions?.typed();
  }, [suggestions]);

  useLayoutEffect(() => grow(field.current), [text]);
  useLayoutEffect(() => {
    // Not on a phone, whose keyboard would open; and not if the user has focused something else meanwhile.
    if (canHover.peek() && document.activeElement === document.body)
      field.current?.focus({ preventScroll: true });
  }, []);
  useFieldRequests(composer, field);

  const pressed = (event: KeyboardEvent): void => {
    // This Enter confirms the text of an input method. Some browsers only report key code 229.
    if (event.isComposing || event.keyCode === 229) return;
    if (suggestions?.pressed(event)) return;
    const isControl = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && (isControl || enterSends.peek())) {
      event.preventDefault();
      composer.submit();
    } else if (event.key === "Escape" && composer.cancel()) {
      event.preventDefault();
    } else if (event.key === "ArrowUp" && text === "" && composer.editing.peek() === null) {
      const own = room.lastOwn();
      if (own === undefined) return;
      event.preventDefault();
      composer.edit(own);
    }
  };

  return (
    <div class="text-field">
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        aria-label={t.value.message}
        placeholder={t.value.messageTo(roomTitle(room.name))}
        value={text}
        enterkeyhint={enterSends.value ? "send" : "enter"}
        autocomplete="off"
        {...(suggestions?.attributes ?? { "aria-autocomplete": "list" })}
        onInput={(event) => {
          composer.type(event.currentTarget.value);
          hasTyped.current = true;
          if (suggestions) suggestions.typed();
          else loadSuggestions().catch(() => undefined);
        }}
        onKeyDown={pressed}
        onBlur={() => suggestions?.close()}
        onPaste={(event) => composer.paste(event.clipboardData?.getData("text/plain") ?? "")}
      />
      {code && suggestions && <code.Suggestions state={suggestions} />}
    </div>
  );
}

/** Focuses the field, or inserts a text at the caret, when the composer requests it. */
function useFieldRequests(composer: Composer, field: { readonly current: HTMLTextAreaElement | null }): void {
  useEffect(() => {
    let first = true;
    const stopFocus = composer.focusRequests.subscribe(() => {
      if (first) return;
      const { current } = field;
      current?.focus();
      current?.setSelectionRange(current.value.length, current.value.length);
    });
    first = false;
    composer.onInsert = (inserted) => {
      const { current } = field;
      if (current === null) return;
      current.focus();
      current.setRangeText(inserted, current.selectionStart, current.selectionEnd, "end");
      composer.type(current.value);
    };
    return () => {
      stopFocus();
      composer.onInsert = null;
    };
  }, [composer, field]);
}

/** Makes the field as high as its text; the style sheet limits the height. */
function grow(field: HTMLTextAreaElement | null): void {
  if (field === null || CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
