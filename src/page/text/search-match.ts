/** The part of a message that a search result shows, cut into what matches the query and what does not. Pure. */
import type { TimelineMessage } from "../../client/index.ts";
import { ownText } from "../../protocol/files.ts";
import { matchRanges } from "../../protocol/search.ts";
import { plainText } from "./plain.ts";

/** Piece is a part of a text. */
export interface Piece {
  readonly text: string;
  readonly isMatch: boolean;
}

/** Returns the text of a message in which the words of a query occur: with the names and descriptions of its files, if need be. */
export function searchedText(
  message: Pick<TimelineMessage, "text" | "files">,
  words: readonly string[],
): string {
  const own = ownText(message);
  const isComplete = own !== "" && words.every((word) => matchRanges(own, [word]).length > 0);
  if (isComplete) return own;
  const described = (message.files ?? []).flatMap(({ name = "", alt = "" }) => [alt, name]);
  return [own, ...described].filter((text) => text !== "").join(" · ");
}

/** Characters shown before the first match and in all. */
const BEFORE = 40;
const LENGTH = 300;

/** Returns the part of a message's text around its first match, without marks of Markdown. */
export function matchingPart(text: string, words: readonly string[]): readonly Piece[] {
  const plain = plainText(text);
  const isComplete = words.every((word) => matchRanges(plain, [word]).length > 0);
  // A word can match in what is not shown, such as the address of a link.
  return piecesOf(isComplete ? plain : text.replace(/\s+/gu, " ").trim(), words);
}

/** Returns `text` in pieces, shortened at both ends. */
export function piecesOf(text: string, words: readonly string[]): readonly Piece[] {
  const ranges = matchRanges(text, words);
  const start = startOf(text, ranges[0]?.[0] ?? 0);
  const end = atCharacter(text, Math.max(start + LENGTH, ranges[0]?.[1] ?? 0));
  const pieces: Piece[] = [];
  const add = (from: number, to: number, isMatch: boolean): void => {
    const part = text.slice(from, Math.min(to, end));
    if (part !== "") pieces.push({ text: part, isMatch });
  };
  let position = start;
  if (start > 0) pieces.push({ text: "…", isMatch: false });
  for (const [from, to] of ranges) {
    add(position, from, false);
    add(from, to, true);
    position = to;
  }
  add(position, text.length, false);
  if (end < text.length) pieces.push({ text: "…", isMatch: false });
  return pieces;
}

/** Returns where the shown part starts: at a word, if there is one, and never inside a character. */
function startOf(text: string, match: number): number {
  if (match <= BEFORE) return 0;
  const start = match - BEFORE;
  const space = text.indexOf(" ", start);
  if (space >= 0 && space < match) return space + 1;
  return atCharacter(text, start);
}

/** Returns `position`, or the one after it if that is inside a character. */
function atCharacter(text: string, position: number): number {
  return /[\uDC00-\uDFFF]/.test(text.charAt(position)) ? position + 1 : position;
}
