/** Formats times in the user's language and time zone. Pure except for the zone. */

/** Returns a number that is equal for two times on the same day. */
export function dayOf(at: number): number {
  const date = new Date(at);
  return date.getFullYear() * 10_000 + date.getMonth() * 100 + date.getDate();
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns a cached format: formats are slow to make. */
function format(locale: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${name}`;
  const made = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, made);
  return made;
}

/**
 * 12-hour or 24-hour clocks of common locales. The first `Intl.DateTimeFormat` takes a tenth of a second to make on a
 * slow CPU, and the first messages show times.
 */
const CLOCKS: Readonly<Record<string, 12 | 24>> = { "en-US": 12, "en-GB": 24, "zh-CN": 24 };

/** Returns hour and minute as the locale writes them. */
export function clockTime(at: number, locale: string): string {
  const hours = CLOCKS[locale];
  if (hours !== undefined) {
    const date = new Date(at);
    const hour = hours === 24 ? date.getHours() : date.getHours() % 12 || 12;
    const minute = twoDigits(date.getMinutes());
    return hours === 24
      ? `${twoDigits(hour)}:${minute}`
      : `${hour}:${minute} ${date.getHours() < 12 ? "AM" : "PM"}`;
  }
  return format(locale, "clock", { timeStyle: "short" }).format(at);
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

/** Returns day and month in short, with the year unless it is the current one. */
export function shortDay(at: number, now: number, locale: string): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return sameYear
    ? format(locale, "short day", { day: "numeric", month: "short" }).format(at)
    : format(locale, "short day of year", { dateStyle: "short" }).format(at);
}

/** Returns day and time to the second. */
export function exactTime(at: number, locale: string): string {
  return format(locale, "exact", { dateStyle: "medium", timeStyle: "medium" }).format(at);
}

/** Returns the day, with the year unless it is the current one. */
export function dayName(at: number, now: number, locale: string): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  const day: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long" };
  return sameYear
    ? format(locale, "day", day).format(at)
    : format(locale, "day of year", { ...day, year: "numeric" }).format(at);
}

/** Returns the time of day, with the day unless it is that of `now`. */
export function momentText(at: number, now: number, locale: string): string {
  const time = clockTime(at, locale);
  return dayOf(at) === dayOf(now) ? time : `${shortDay(at, now, locale)}, ${time}`;
}
