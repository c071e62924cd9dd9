/** Emoji data from emojibase, in the page's language, served by the page's own host. */
import type { CompactEmoji, ShortcodesDataset } from "emojibase";
import type { Language } from "../i18n/index.ts";
import { isEmoji } from "../text/emoji.ts";

export interface Emoji {
  readonly emoji: string;
  /** English name between colons. */
  readonly shortcode: string;
  /** All names between colons. */
  readonly shortcodes: readonly string[];
  /** Name in the page's language. */
  readonly label: string;
  /** Search words, in lower case. */
  readonly words: readonly string[];
  /** Index of its group in the picker. */
  readonly group: number;
}

const loaded = new Map<Language, Promise<readonly Emoji[]>>();

/** Loads all emoji, in their usual order. */
export function loadEmoji(language: Language): Promise<readonly Emoji[]> {
  const known = loaded.get(language);
  if (known !== undefined) return known;
  const loading = fetchEmoji(language);
  loaded.set(language, loading);
  // After a failure, the next call tries again.
  loading.catch(() => loaded.delete(language));
  return loading;
}

async function fetchEmoji(language: Language): Promise<readonly Emoji[]> {
  const [{ default: english }, { default: shortcodes }, { default: local }] = await Promise.all([
    import("emojibase-data/en/compact.json"),
    import("emojibase-data/en/shortcodes/github.json"),
    language === "zh" ? import("emojibase-data/zh/compact.json") : import("emojibase-data/en/compact.json"),
  ]);
  const inLanguage = new Map(local.map((entry) => [entry.hexcode, entry]));
  return english
    .filter(({ unicode, group }) => group !== undefined && isEmoji(unicode))
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map((entry) => emojiOf(entry, shortcodes, inLanguage.get(entry.hexcode) ?? entry));
}

function emojiOf(english: CompactEmoji, shortcodes: ShortcodesDataset, local: CompactEmoji): Emoji {
  const known = [shortcodes[english.hexcode] ?? []].flat();
  const shortcode = known[0] ?? english.label.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_");
  const words = [...known, ...(english.tags ?? []), local.label, ...(local.tags ?? [])];
  return {
    emoji: english.unicode,
    shortcode,
    shortcodes: [shortcode, ...known],
    label: local.label,
    words: words.flatMap((word) => [
      word.toLowerCase().replace(/\s+/g, "_"),
      ...word.toLowerCase().split(" "),
    ]),
    group: english.group ?? 0,
  };
}
