/** Inline parts of a message's text, and the mentions in it. Pure. */

export type Inline =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "mention"; readonly text: string; readonly own: boolean }
  | { readonly type: "code"; readonly text: string }
  | { readonly type: "break" }
  | { readonly type: "strong" | "em" | "del"; readonly children: readonly Inline[] }
  | { readonly type: "link"; readonly href: string; readonly children: readonly Inline[] };

/**
 * `@` and a name, not in the middle of a word or an address. Completion joins the words of a name by
 * no-break spaces, so that a mention needs no list of who is there.
 */
const MENTION = /(?<![\p{L}\p{M}\p{N}_@./])@[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.\u00a0-]*/gu;
/** A character that goes on a name. */
const NAME_CHARACTER = /[\p{L}\p{M}\p{N}_]/u;

/** `name` as it is written in a mention. */
export function mentionOf(name: string): string {
  return `@${name.replace(/ /g, "\u00a0")}`;
}

const plainSpaces = (text: string): string => text.replace(/\u00a0/g, " ");
const fold = (text: string): string => plainSpaces(text).toLowerCase();

/** Where `text` mentions `name` itself, from the index `from` on: `[start, end]`, or `null`. */
function findName(text: string, name: string, from: number): readonly [number, number] | null {
  if (name === "") return null;
  const folded = fold(text);
  const wanted = `@${fold(name)}`;
  // Lower case of another length would put the indices out of step.
  if (folded.length !== text.length) return null;
  for (let at = folded.indexOf(wanted, from); at >= 0; at = folded.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    const before = text.slice(0, at);
    const boundBefore = !/[\p{L}\p{M}\p{N}_@./]$/u.test(before);
    const next = String.fromCodePoint(text.codePointAt(end) ?? 32);
    if (boundBefore && !NAME_CHARACTER.test(next)) return [at, end];
  }
  return null;
}

/** Whether `text` mentions `name`. */
export function mentions(text: string, name: string): boolean {
  return findName(text, name, 0) !== null;
}

/** `text` with its mentions set apart. */
export function textWithMentions(text: string, ownName: string): Inline[] {
  if (!text.includes("@")) return text === "" ? [] : [{ type: "text", text }];
  const found: Inline[] = [];
  let rest = 0;
  const take = (start: number, end: number, own: boolean): void => {
    if (start > rest) found.push({ type: "text", text: text.slice(rest, start) });
    found.push({ type: "mention", text: plainSpaces(text.slice(start, end)), own });
    rest = end;
  };
  for (let own = findName(text, ownName, rest); ; own = findName(text, ownName, rest)) {
    const until = own?.[0] ?? text.length;
    for (const match of text.slice(rest, until).matchAll(MENTION)) {
      // A sentence's full stop is no part of a name.
      const name = match[0].replace(/[.\u00a0-]+$/u, "");
      const start = match.index + until - text.slice(rest, until).length;
      if (start >= rest) take(start, start + name.length, false);
    }
    if (own === null) break;
    take(own[0], own[1], true);
  }
  if (rest < text.length) found.push({ type: "text", text: text.slice(rest) });
  return found;
}
