/** Search: what a query asks for, and whether a message matches. Server and page use the same code. */
import { accept, type Result, reject } from "./errors.ts";
import { ownText } from "./files.ts";
import { MAX_QUERY_WORDS } from "./limits.ts";

/** SearchQuery is a parsed query. A message matches if it matches every part. */
export interface SearchQuery {
  /** Folded texts that must all occur in the text, in any order. */
  readonly words: readonly string[];
  /** Folded text that must occur in the author's name. */
  readonly from?: string;
  /** Unix ms: messages before this time. */
  readonly before?: number;
  /** Unix ms: messages at this time or later. */
  readonly after?: number;
  readonly hasLink?: true;
  readonly hasFile?: true;
}

/** SearchableMessage is the part of a message that a query looks at. */
export interface SearchableMessage {
  /** As in the message: it ends with the addresses of the files, which no query looks at. */
  readonly text: string;
  readonly name: string;
  /** Unix ms. */
  readonly at: number;
  readonly files?: readonly { readonly name?: string; readonly alt?: string }[];
}

/** A filter with its value, a text in quotation marks, or a word. */
const PART = /(from|before|after|has):(?:"([^"]*)"|(\S+))|"([^"]+)"|(\S+)/giu;
const LINK = /https?:\/\/\S|\bwww\.\S/i;

/**
 * Parses a query: words, `"several words"`, `from:name`, `before:` and `after:` with a date (2026-01-31, UTC) or a
 * time (2026-01-31T12:00:00+01:00), `has:link` and `has:file`.
 */
export function parseQuery(text: string): Result<SearchQuery> {
  const words: string[] = [];
  const filters: { from?: string; before?: number; after?: number; hasLink?: true; hasFile?: true } = {};
  for (const [, filter, quotedValue, plainValue, quoted, word] of text.matchAll(PART)) {
    const value = quotedValue ?? plainValue ?? "";
    switch (filter?.toLowerCase()) {
      case "from":
        filters.from = fold(value);
        break;
      case "before":
      case "after": {
        const at = Date.parse(value);
        if (Number.isNaN(at)) return reject("bad_request", `"${value}" is not a date such as 2026-01-31`);
        filters[filter?.toLowerCase() === "before" ? "before" : "after"] = at;
        break;
      }
      case "has":
        if (value.toLowerCase() === "link") filters.hasLink = true;
        else if (value.toLowerCase() === "file") filters.hasFile = true;
        else return reject("bad_request", "has: is has:link or has:file");
        break;
      default:
        words.push(fold(quoted ?? word ?? ""));
    }
  }
  if (words.length === 0 && Object.keys(filters).length === 0)
    return reject("bad_request", "the query is empty");
  if (words.length > MAX_QUERY_WORDS) {
    return reject("bad_request", `a query has ${MAX_QUERY_WORDS} words at most`);
  }
  return accept({ words, ...filters });
}

/** Whether a message matches a query. */
export function matches(message: SearchableMessage, query: SearchQuery): boolean {
  const { name, at, files = [] } = message;
  if (query.before !== undefined && at >= query.before) return false;
  if (query.after !== undefined && at < query.after) return false;
  if (query.from !== undefined && !fold(name).includes(query.from)) return false;
  if (query.hasFile && files.length === 0) return false;
  const own = ownText(message);
  if (query.hasLink && !LINK.test(own)) return false;
  if (query.words.length === 0) return true;
  // No word contains a line break, so none matches across two texts.
  const folded = fold([own, ...files.flatMap(({ name, alt }) => [name ?? "", alt ?? ""])].join("\n"));
  return query.words.every((word) => folded.includes(word));
}

/** Returns a text in the form in which texts are compared: without differences of case and of width. */
export function fold(text: string): string {
  // Upper case first: it makes "ß" "SS". A final sigma is the same letter as any other.
  return text.normalize("NFKC").toUpperCase().toLowerCase().replaceAll("ς", "σ");
}

/**
 * Returns the ranges of `text` that match words of a query, as pairs of UTF-16 positions, in order, none
 * touching the next. A fold can change the length of a text, so it is compared character by character.
 */
export function matchRanges(text: string, words: readonly string[]): readonly (readonly [number, number])[] {
  const starts: number[] = [];
  const ends: number[] = [];
  let folded = "";
  let position = 0;
  for (const char of text) {
    const part = fold(char);
    for (let i = 0; i < part.length; i += 1) {
      starts.push(position);
      ends.push(position + char.length);
    }
    folded += part;
    position += char.length;
  }
  const found: [number, number][] = [];
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0 && word !== ""; at = folded.indexOf(word, at + word.length))
      found.push([starts[at] ?? 0, ends[at + word.length - 1] ?? text.length]);
  }
  found.sort(([a], [b]) => a - b);
  const ranges: [number, number][] = [];
  for (const [start, end] of found) {
    const last = ranges.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else ranges.push([start, end]);
  }
  return ranges;
}
