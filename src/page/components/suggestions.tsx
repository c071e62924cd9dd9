/** Completion of `@name` and `:emoji:` above the text field. */
import { signal } from "@preact/signals";
import type { Member } from "../../protocol/server-lines.ts";
import { t } from "../i18n/index.ts";
import { useOpenRoom } from "../state/context.ts";
import type { OpenRoom } from "../state/open-room.ts";
import {
  type Completion,
  completionAt,
  MAX_SUGGESTIONS,
  peopleNamed,
  type Suggestion,
  shortcodeAt,
} from "../text/completion.ts";
import { tagOf } from "./person.tsx";

const LIST_ID = "suggestions";
const optionId = (index: number): string => `suggestion-${index}`;

type FieldRef = { readonly current: HTMLTextAreaElement | null };

interface Shown {
  readonly completion: Completion;
  readonly suggestions: readonly Suggestion[];
  readonly chosen: number;
}

/** SuggestionState is the state of the suggestions for one text field. */
export class SuggestionState {
  readonly #room: OpenRoom;
  readonly #field: FieldRef;
  readonly #shown = signal<Shown | null>(null);

  constructor(room: OpenRoom, field: FieldRef) {
    this.#room = room;
    this.#field = field;
  }

  get shown(): Shown | null {
    return this.#shown.value;
  }

  /** Attributes of the field that describe the list to screen readers. */
  get attributes() {
    const shown = this.#shown.value;
    if (shown === null) return { "aria-autocomplete": "list" } as const;
    return {
      "aria-autocomplete": "list",
      "aria-controls": LIST_ID,
      "aria-activedescendant": optionId(shown.chosen),
    } as const;
  }

  /** Updates the suggestions for the text before the caret. */
  typed(): void {
    const field = this.#field.current;
    void this.#replaceShortcode();
    const completion = field === null ? null : completionAt(field.value.slice(0, field.selectionStart));
    if (completion === null) {
      this.close();
      return;
    }
    const people = (this.#room.people.peek() ?? []).filter(({ user }) => user !== this.#room.you.peek());
    void suggestionsFor(completion, people).then((suggestions) => {
      // The caret may have moved while the emoji were loaded.
      if (
        field === null ||
        completionAt(field.value.slice(0, field.selectionStart))?.query !== completion.query
      )
        return;
      this.#shown.value = suggestions.length === 0 ? null : { completion, suggestions, chosen: 0 };
    });
  }

  /** Replaces a complete `:shortcode:` before the caret with its emoji. */
  async #replaceShortcode(): Promise<void> {
    const field = this.#field.current;
    const shortcode = shortcodeAt(field?.value.slice(0, field.selectionStart) ?? "");
    if (field === null || shortcode === null) return;
    const text = `:${shortcode.name}:`;
    const loading = emojiOf(shortcode.name);
    this.#room.composer.held.load(text, loading);
    const emoji = await loading;
    // While the emoji were loaded, the user may have typed on, and shortcodes before this one may be replaced.
    const start = field.value.lastIndexOf(text, shortcode.start);
    if (emoji === undefined || start < 0) return;
    const caret = field.selectionEnd;
    const isAfter = caret >= start + text.length;
    field.setRangeText(emoji, start, start + text.length);
    // "preserve" would select the emoji if the caret is right after it.
    const kept = isAfter ? caret - text.length + emoji.length : caret;
    field.setSelectionRange(kept, kept);
    this.#room.composer.type(field.value);
  }

  /** Handles a key. Returns whether it was for the list. */
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
    this.#room.composer.type(field.value);
    this.close();
    field.focus();
  }

  close(): void {
    this.#shown.value = null;
  }
}

/** Returns the emoji with this shortcode, `undefined` if there is none or the emoji cannot be loaded. */
async function emojiOf(shortcode: string): Promise<string | undefined> {
  try {
    const { emojiOfShortcode } = await import("../emoji/search.ts");
    return await emojiOfShortcode(shortcode);
  } catch {
    return undefined;
  }
}

/** Returns the suggestions for `completion`, best first. The emoji are loaded on first use. */
async function suggestionsFor(
  { type, query }: Completion,
  people: readonly Member[],
): Promise<readonly Suggestion[]> {
  if (type === "mention") return peopleNamed(query, people);
  const { searchEmoji } = await import("../emoji/search.ts");
  const found = await searchEmoji(query, MAX_SUGGESTIONS);
  return found.map(({ emoji, shortcode }) => ({ insert: emoji, icon: emoji, label: `:${shortcode}:` }));
}

export function Suggestions({ state }: { readonly state: SuggestionState }) {
  const room = useOpenRoom();
  const { shown } = state;
  if (shown === null) return null;
  return (
    <div class="suggestions" id={LIST_ID} role="listbox" aria-label={t.value.suggestions}>
      {shown.suggestions.map(({ insert, icon, label, user }, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text field, which refers to the chosen option
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text field handles the keys
        <div
          key={`${insert} ${user}`}
          id={optionId(index)}
          role="option"
          aria-selected={index === shown.chosen}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => state.choose(index)}
        >
          {icon !== undefined && <span class="emoji">{icon}</span>}
          <bdi>{label}</bdi>
          {user !== undefined && room.lookAlikes.users.value.has(user) && (
            <span class="tag">{tagOf(user)}</span>
          )}
        </div>
      ))}
    </div>
  );
}
