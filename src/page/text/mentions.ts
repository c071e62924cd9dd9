/** Mentions in a message's text. Pure. */
import type { Inline } from "./tree.ts";

/**
 * `@` and a name, not inside a word or an address. Completion joins the words of a name with no-break spaces, so that
 * mentions can be found without a list of the people in the room.
 */
const MENTION = /(?<![\p{L}\p{M}\p{N}_@./])@[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.\u00a0-]*/gu;
/** A character that continues a name. */
const NAME_CHARACTER = /[\p{L}\p{M}\p{N}_]/u;

/** Returns `name` as it is written in a mention. */
export function mentionOf(name: string): string {
  return `@${name.replace(/ /g, "\u00a0")}`;
}

const plainSpaces = (text: string): string => text.replace(/\u00a0/g, " ");
const fold = (text: string): string => plainSpaces(text).toLowerCase();

/** Returns `[start, end]` of the first mention of `name` in `text` at the index `from` or later, or `null`. */
function findName(text: string, name: string, from: number): readonly [number, number] | null {
  if (name === "") return null;
  const folded = fold(text);
  const wanted = `@${fold(name)}`;
  // If lower case has another length, the indices differ.
  if (folded.length !== text.length) return null;
  for (let at = folded.indexOf(wanted, from); at >= 0; at = folded.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    const before = text.slice(0, at);
    const startsName = !/[\p{L}\p{M}\p{N}_@./]$/u.test(before);
    const next = String.fromCodePoint(text.codePointAt(end) ?? 32);
    if (startsName && !NAME_CHARACTER.test(next)) return [at, end];
  }
  return null;
}

/** Returns whether `text` mentions `name`. */
export function mentions(text: string, name: string): boolean {
  return findName(text, name, 0) !== null;
}

/** Splits `text` into mentions and the text between them. Mentions of `ownName` are marked as own. */
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
      // A full stop after a name ends the sentence.
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
