/** Searches emoji by name. */
import { language } from "../i18n/index.ts";
import { type Emoji, loadEmoji } from "./data.ts";

/** Returns at most `limit` emoji for `query`, best matches first. */
export async function searchEmoji(query: string, limit: number): Promise<readonly Emoji[]> {
  return findEmoji(await loadEmoji(language.peek()), query, limit);
}

/** Returns the emoji with exactly this shortcode. */
export async function emojiOfShortcode(shortcode: string): Promise<string | undefined> {
  const all = await loadEmoji(language.peek());
  return all.find(({ shortcodes }) => shortcodes.includes(shortcode))?.emoji;
}

/** Returns the emoji of `all` whose shortcode, label or tag begins with `query`; shortcodes first. */
export function findEmoji(all: readonly Emoji[], query: string, limit: number): readonly Emoji[] {
  const wanted = query.toLowerCase().replace(/\s+/g, "_");
  const ranked: { readonly emoji: Emoji; readonly rank: number }[] = [];
  for (const emoji of all) {
    const rank = rankOf(emoji, wanted);
    if (rank < 4) ranked.push({ emoji, rank });
  }
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ emoji }) => emoji);
}

function rankOf({ shortcode, words }: Emoji, wanted: string): number {
  if (shortcode === wanted) return 0;
  if (shortcode.startsWith(wanted)) return 1;
  if (words.some((word) => word.startsWith(wanted))) return 2;
  return shortcode.includes(wanted) ? 3 : 4;
}
