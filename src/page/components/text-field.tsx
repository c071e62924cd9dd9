/** The field that messages are written in: it grows, it completes, and its keys send and edit. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n/index.ts";
import type { Composer } from "../state/composer.ts";
import { useSession } from "../state/context.ts";
import { roomTitle } from "../state/room-title.ts";
import { canHover } from "../state/ui.ts";
import { Suggestions, useSuggestions } from "./suggestions.tsx";

export function TextField() {
  const session = useSession();
  const { composer } = session;
  const field = useRef<HTMLTextAreaElement>(null);
  const text = composer.text.value;
  const suggestions = useSuggestions(field);

  useLayoutEffect(() => grow(field.current), [text]);
  // Before anything can be typed.
  useLayoutEffect(() => {
    // A phone's keyboard comes when it is asked for; what the reader has turned to meanwhile keeps the focus.
    if (canHover.peek() && document.activeElement === document.body)
      field.current?.focus({ preventScroll: true });
  }, []);
  useFieldRequests(composer, field);

  const pressed = (event: KeyboardEvent): void => {
    // Enter then confirms what the input method composes; 229 is how some browsers say so.
    if (event.isComposing || event.keyCode === 229) return;
    if (suggestions.pressed(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      composer.submit();
    } else if (event.key === "Escape" && composer.cancel()) {
      event.preventDefault();
    } else if (event.key === "ArrowUp" && text === "" && composer.editing.peek() === null) {
      const own = session.lastOwn();
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
        placeholder={t.value.messageTo(roomTitle(session.room))}
        value={text}
        enterkeyhint="send"
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

/** Takes the focus, or an emoji at the caret, when something else on the page asks for it. */
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

/** Makes the field as high as its text; the style sheet sets how high it may become. */
function grow(field: HTMLTextAreaElement | null): void {
  if (field === null || CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
