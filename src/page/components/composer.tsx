/** Where messages are written: the text field, what it answers or changes, and who is writing. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n/index.ts";
import type { Composer as ComposerState } from "../state/composer.ts";
import { useSession } from "../state/context.ts";
import { roomTitle } from "../state/room-title.ts";
import { anchorAt, canHover, dialog } from "../state/ui.ts";
import { Icon } from "./icon.tsx";
import { NameField } from "./name-field.tsx";
import { excerpt } from "./quote.tsx";
import { Suggestions, useSuggestions } from "./suggestions.tsx";
import { TypingLine } from "./typing-line.tsx";

/** The count of what is left is shown from here on, in bytes. */
const SHOW_COUNT = 1_000;

export function Composer() {
  const session = useSession();
  const { composer } = session;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        composer.submit();
      }}
    >
      <div class="composer-status">
        <TypingLine />
        <NameField />
      </div>
      <Context composer={composer} />
      <PasteOffer composer={composer} />
      <div class="composer-row">
        <TextField />
        <Counter />
        <button
          type="button"
          class="icon-button"
          aria-label={t.value.emoji}
          title={t.value.emoji}
          aria-haspopup="dialog"
          onClick={(event) => {
            dialog.value = {
              type: "emoji",
              anchor: anchorAt(event.currentTarget),
              pick: (emoji) => composer.insert(emoji),
            };
          }}
        >
          <Icon name="smile" />
        </button>
        <SendButton composer={composer} />
      </div>
    </form>
  );
}

function SendButton({ composer }: { readonly composer: ComposerState }) {
  const label = composer.editing.value === null ? t.value.send : t.value.save;
  return (
    <button
      type="submit"
      class="send-button"
      aria-label={label}
      title={label}
      aria-disabled={!composer.canSend.value}
      // The field keeps the focus, and a phone its keyboard.
      onMouseDown={(event) => event.preventDefault()}
    >
      <Icon name={composer.editing.value === null ? "send" : "check"} />
    </button>
  );
}

function TextField() {
  const session = useSession();
  const { composer } = session;
  const field = useRef<HTMLTextAreaElement>(null);
  const text = composer.text.value;
  const suggestions = useSuggestions(field);

  useLayoutEffect(() => grow(field.current), [text]);
  useEffect(() => {
    // A phone's keyboard comes when it is asked for.
    if (canHover.peek()) field.current?.focus({ preventScroll: true });
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
function useFieldRequests(
  composer: ComposerState,
  field: { readonly current: HTMLTextAreaElement | null },
): void {
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

function Counter() {
  const { composer, state } = useSession();
  const left = state.value.limits.text - composer.bytes.value;
  if (left > SHOW_COUNT) return null;
  return (
    <span class="counter" data-over={left < 0}>
      {left < 0 ? t.value.tooLong(-left) : t.value.charactersLeft(left)}
    </span>
  );
}

/** What is being answered or changed. */
function Context({ composer }: { readonly composer: ComposerState }) {
  const reply = composer.reply.value;
  if (composer.editing.value !== null)
    return <ContextLine composer={composer}>{t.value.editing}</ContextLine>;
  if (reply === null) return null;
  return (
    <ContextLine composer={composer}>
      {t.value.replyingTo(reply.name)} <bdi class="hint">{excerpt(reply)}</bdi>
    </ContextLine>
  );
}

function ContextLine({
  composer,
  children,
}: {
  readonly composer: ComposerState;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="composer-context">
      <span>{children}</span>
      <button
        type="button"
        class="icon-button small"
        aria-label={t.value.cancel}
        title={t.value.cancel}
        onClick={() => {
          composer.cancel();
          composer.focusRequests.value += 1;
        }}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

function PasteOffer({ composer }: { readonly composer: ComposerState }) {
  if (composer.pasted.value === null) return null;
  return (
    <div class="composer-context">
      <span>
        {t.value.pastedLong}{" "}
        <button type="button" class="text-button" onClick={() => composer.pastedAsCode()}>
          {t.value.asCode}
        </button>
      </span>
      <button
        type="button"
        class="icon-button small"
        aria-label={t.value.close}
        title={t.value.close}
        onClick={() => {
          composer.pasted.value = null;
        }}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
