/** Completion of `@name` and `:emoji:` above the text field. */
import { type Signal, useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { t } from "../i18n/index.ts";
import { useSession } from "../state/context.ts";
import type { RoomSession } from "../state/session.ts";
import { type Completion, completionAt, type Suggestion, suggestionsFor } from "../text/completion.ts";

const LIST_ID = "suggestions";
const optionId = (index: number): string => `suggestion-${index}`;

type FieldRef = { readonly current: HTMLTextAreaElement | null };

interface Shown {
  readonly completion: Completion;
  readonly suggestions: readonly Suggestion[];
  readonly chosen: number;
}

/** SuggestionState is the completion of one text field. */
class SuggestionState {
  readonly #session: RoomSession;
  readonly #field: FieldRef;
  readonly #shown: Signal<Shown | null>;

  constructor(session: RoomSession, field: FieldRef, shown: Signal<Shown | null>) {
    this.#session = session;
    this.#field = field;
    this.#shown = shown;
  }

  get shown(): Shown | null {
    return this.#shown.value;
  }

  /** What the field says of its list to screen readers. */
  get attributes() {
    const shown = this.#shown.value;
    if (shown === null) return { "aria-autocomplete": "list" } as const;
    return {
      "aria-autocomplete": "list",
      "aria-controls": LIST_ID,
      "aria-activedescendant": optionId(shown.chosen),
    } as const;
  }

  /** Looks for something to complete before the caret. */
  typed(): void {
    const field = this.#field.current;
    const completion = field === null ? null : completionAt(field.value.slice(0, field.selectionStart));
    if (completion === null) {
      this.close();
      return;
    }
    const people = (this.#session.people.peek() ?? []).filter(
      ({ user }) => user !== this.#session.you.peek(),
    );
    void suggestionsFor(completion, people).then((suggestions) => {
      // The caret may have gone on while the emoji were loaded.
      if (
        field === null ||
        completionAt(field.value.slice(0, field.selectionStart))?.query !== completion.query
      )
        return;
      this.#shown.value = suggestions.length === 0 ? null : { completion, suggestions, chosen: 0 };
    });
  }

  /** Whether the key was for the list. */
  pressed(event: KeyboardEvent): boolean {
    const shown = this.#shown.peek();
    if (shown === null) return false;
    const { suggestions, chosen } = shown;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : suggestions.length - 1;
      this.#shown.value = { ...shown, chosen: (chosen + step) % suggestions.length };
    } else if (event.key === "Enter" || event.key === "Tab") this.choose(chosen);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  choose(index: number): void {
    const shown = this.#shown.peek();
    const field = this.#field.current;
    const suggestion = shown?.suggestions[index];
    if (!shown || field === null || suggestion === undefined) return;
    field.setRangeText(`${suggestion.insert} `, shown.completion.start, field.selectionStart, "end");
    this.#session.composer.type(field.value);
    this.close();
    field.focus();
  }

  close(): void {
    this.#shown.value = null;
  }
}

export function useSuggestions(field: FieldRef): SuggestionState {
  const session = useSession();
  const shown = useSignal<Shown | null>(null);
  return useMemo(() => new SuggestionState(session, field, shown), [session, field, shown]);
}

export function Suggestions({ state }: { readonly state: SuggestionState }) {
  const { shown } = state;
  if (shown === null) return null;
  return (
    <div class="suggestions" id={LIST_ID} role="listbox" aria-label={t.value.suggestions}>
      {shown.suggestions.map(({ insert, icon, label }, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text field, which names the chosen one
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the keys
        <div
          key={insert}
          id={optionId(index)}
          role="option"
          aria-selected={index === shown.chosen}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => state.choose(index)}
        >
          {icon !== undefined && <span class="emoji">{icon}</span>}
          <bdi>{label}</bdi>
        </div>
      ))}
    </div>
  );
}
