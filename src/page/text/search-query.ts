/** What the page sends for the text of the search field, or why it cannot. Pure except for the time zone. */
import { exceedsBytes } from "../../protocol/frame.ts";
import { MAX_QUERY_BYTES } from "../../protocol/limits.ts";
import { parseQuery } from "../../protocol/search.ts";

/** QueryError says what is wrong with a query. */
export type QueryError =
  | { readonly type: "date"; readonly value: string }
  | { readonly type: "has"; readonly value: string }
  | { readonly type: "too-long" };

/** FieldQuery is what the text of the field asks for; `empty` while it is empty or has an unfinished filter. */
export type FieldQuery =
  | { readonly type: "empty" }
  | { readonly type: "query"; readonly q: string; readonly words: readonly string[]; readonly from: string }
  | { readonly type: "error"; readonly error: QueryError };

/** A filter with its value, or anything else that is not to be taken for a filter. */
const PART = /(before|after|from|has):(?:"([^"]*)"|(\S*))|"[^"]+"|\S+/giu;
/** Values of the filter `has`. */
const HAS = ["link", "file"];
/** Filters as they are typed in Chinese, and quotation marks as some keyboards write them. */
const WIDE_FILTER = /(^|\s)(before|after|from|has)：/giu;
const CURLY_QUOTES = /[“”]/gu;
/** A year, a month or a day. */
const DAY = /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** Returns what `text` asks for. Days are those of the user's time zone. */
export function readQuery(text: string): FieldQuery {
  const typed = text.trim().replace(WIDE_FILTER, "$1$2:").replace(CURLY_QUOTES, '"');
  let error: QueryError | null = null;
  let isUnfinished = typed === "";
  const q = typed.replace(PART, (part, filter?: string, quoted?: string, plain?: string) => {
    const value = quoted ?? plain ?? "";
    const name = filter?.toLowerCase();
    if (name === undefined) return part;
    if (value === "") isUnfinished = true;
    else if (name === "has" && !HAS.includes(value.toLowerCase())) {
      if (HAS.some((known) => known.startsWith(value.toLowerCase()))) isUnfinished = true;
      else error ??= { type: "has", value };
    } else if (name === "before" || name === "after") {
      const at = timeOf(value);
      if (at === null) error ??= { type: "date", value };
      else return `${name}:${new Date(at).toISOString()}`;
    }
    return part;
  });
  if (error !== null) return { type: "error", error };
  if (isUnfinished) return { type: "empty" };
  const parsed = parseQuery(q);
  if (!parsed.ok || exceedsBytes(q, MAX_QUERY_BYTES)) return { type: "error", error: { type: "too-long" } };
  const { words, from = "" } = parsed.value;
  return { type: "query", q, words, from };
}

/** Returns the beginning of a day, month or year by the user's clock, or a time; `null` if `value` is neither. */
function timeOf(value: string): number | null {
  const day = DAY.exec(value);
  if (day === null) {
    const at = TIME.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(at) ? null : at;
  }
  const [year = 0, month = 1, date = 1] = day.slice(1).map((digits) => (digits ? Number(digits) : undefined));
  const at = new Date(year, month - 1, date);
  return at.getFullYear() === year && at.getMonth() === month - 1 && at.getDate() === date
    ? at.getTime()
    : null;
}
