/** The field in which messages are written: it grows with its text, completes names and emoji, and handles keys. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { canHover, enterSends } from "../effects/media.ts";
import { t } from "../i18n/index.ts";
import type { Composer } from "../state/composer.ts";
import { useOpenRoom } from "../state/context.ts";
import { roomTitle } from "../state/room-names.ts";
import { Suggestions, useSuggestions } from "./suggestions.tsx";

export function TextField() {
  const room = useOpenRoom();
  const { composer } = room;
  const field = useRef<HTMLTextAreaElement>(null);
  const text = composer.text.value;
  const suggestions = useSuggestions(field);

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
    if (suggestions.pressed(event)) return;
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
        {...suggestions.attributes}
        onInput={(event) => {
          composer.type(event.currentTarget.value);
          suggestions.typed();
        }}
        onKeyDown={pressed}
        onBlur={() => suggestions.close()}
        onPaste={(event) => composer.paste(event.clipboardData?.getData("text/plain") ?? "")}
      />
      <Suggestions state={suggestions} />
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
