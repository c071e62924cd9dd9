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

/** A character before which no mention starts. */
const CONTINUES_WORD = /[\p{L}\p{M}\p{N}_@./]$/u;

/** A range of a text: from `start` to before `end`. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** Returns the mentions of `name` in `text`, in order. */
function rangesOf(text: string, name: string): readonly Range[] {
  const found: Range[] = [];
  const folded = fold(text);
  const wanted = `@${fold(name)}`;
  // If lower case has another length, the indices differ.
  if (name === "" || folded.length !== text.length) return found;
  for (let start = folded.indexOf(wanted); start >= 0; start = folded.indexOf(wanted, start + 1)) {
    const end = start + wanted.length;
    const next = String.fromCodePoint(text.codePointAt(end) ?? 32);
    if (!CONTINUES_WORD.test(text.slice(Math.max(0, start - 2), start)) && !NAME_CHARACTER.test(next))
      found.push({ start, end });
  }
  return found;
}

/** Returns whether `text` mentions `name`. */
export function mentions(text: string, name: string): boolean {
  return rangesOf(text, name).length > 0;
}

/** Splits `text` into mentions and the text between them. Mentions of `ownName` are marked as own. */
export function textWithMentions(text: string, ownName: string): Inline[] {
  if (!text.includes("@")) return text === "" ? [] : [{ type: "text", text }];
  const found: Inline[] = [];
  let rest = 0;
  const take = ({ start, end }: Range, own: boolean): void => {
    if (start > rest) found.push({ type: "text", text: text.slice(rest, start) });
    found.push({ type: "mention", text: plainSpaces(text.slice(start, end)), own });
    rest = end;
  };
  const ownRanges = [...rangesOf(text, ownName)];
  const takeOwn = (before: number): void => {
    for (let own = ownRanges[0]; own !== undefined && own.start < before; own = ownRanges[0]) {
      take(own, true);
      ownRanges.shift();
    }
  };
  for (const match of text.matchAll(MENTION)) {
    // A full stop after a name ends the sentence.
    const name = match[0].replace(/[.\u00a0-]+$/u, "");
    const range = { start: match.index, end: match.index + name.length };
    takeOwn(range.end);
    // The own name can have several words, of which this is the first.
    if (range.start >= rest) take(range, false);
  }
  takeOwn(text.length);
  if (rest < text.length) found.push({ type: "text", text: text.slice(rest) });
  return found;
}
