/** Completion of `@name` and `:emoji:` before the caret. Pure. */
import type { Member } from "../../protocol/server-lines.ts";
import { mentionOf } from "./mentions.ts";

/** Completion is an unfinished mention or emoji before the caret. */
export interface Completion {
  readonly type: "mention" | "emoji";
  /** Index of its `@` or `:`. */
  readonly start: number;
  readonly query: string;
}

export interface Suggestion {
  /** Replaces the completion. */
  readonly insert: string;
  readonly label: string;
  /** User id of a suggested person. */
  readonly user?: string;
  readonly icon?: string;
}

export const MAX_SUGGESTIONS = 8;

/** Returns the completion at the end of `before`, the text before the caret. */
export function completionAt(before: string): Completion | null {
  const mention = /(?:^|[\s(])@([\p{L}\p{M}\p{N}_.\u00a0-]{0,32})$/u.exec(before);
  if (mention)
    return { type: "mention", start: before.length - (mention[1]?.length ?? 0) - 1, query: mention[1] ?? "" };
  const emoji = /(?:^|[\s(\p{Extended_Pictographic}]):([\p{L}\p{N}_+-]{2,32})$/u.exec(before);
  if (emoji)
    return { type: "emoji", start: before.length - (emoji[1]?.length ?? 0) - 1, query: emoji[1] ?? "" };
  return null;
}

/** Returns the complete `:shortcode:` at the end of `before`, unless it is inside code. */
export function shortcodeAt(before: string): { readonly start: number; readonly name: string } | null {
  const name = /(?:^|[\s(\p{Extended_Pictographic}]):([a-z0-9_+-]{1,32}):$/u.exec(before)?.[1];
  const isInCode = (before.match(/`/g)?.length ?? 0) % 2 === 1;
  return name === undefined || isInCode ? null : { start: before.length - name.length - 2, name };
}

/** Returns people whose name, or a word of it, begins with `query`; first those whose name does. */
export function peopleNamed(query: string, people: readonly Member[]): readonly Suggestion[] {
  const wanted = query.replace(/\u00a0/g, " ").toLowerCase();
  const rank = ({ name }: Member): number => {
    const folded = name.toLowerCase();
    if (folded.startsWith(wanted)) return 0;
    return folded.split(" ").some((word) => word.startsWith(wanted)) ? 1 : 2;
  };
  return people
    .filter((person) => rank(person) < 2)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ user, name }) => ({ insert: mentionOf(name), label: name, user }));
}
