/** The page's language: chosen by the browser, or by the reader. English is always there, others are loaded. */
import { computed, effect, signal } from "@preact/signals";
import { settings } from "../state/settings.ts";
import { en, type Strings } from "./en.ts";

export type { Strings };

/** Language is one that the page has all its texts in. */
export type Language = "en" | "zh";

/** Names of the languages in themselves. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", zh: "简体中文" };

const tables = signal<Readonly<Partial<Record<Language, Strings>>>>({ en });

/** The first of a browser's languages that the page has. */
export function pickLanguage(languages: readonly string[]): Language {
  for (const tag of languages) {
    if (/^zh\b/i.test(tag)) return "zh";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

const wanted = computed<Language>(() => {
  const chosen = settings.value.language;
  return chosen === "system" ? pickLanguage(navigator.languages) : chosen;
});

/** Language that the page is in: the wanted one as soon as its texts are there. */
export const language = computed<Language>(() =>
  tables.value[wanted.value] === undefined ? "en" : wanted.value,
);

/** t is the table of texts in the page's language. */
export const t = computed<Strings>(() => tables.value[language.value] ?? en);

/** Locale of dates and numbers: the browser's own variant of the page's language. */
export const locale = computed(
  () =>
    navigator.languages.find(
      (tag) => pickLanguage([tag]) === language.value && tag.startsWith(language.value) && isLocale(tag),
    ) ?? language.value,
);

/** Browsers on a system without a language name it in a way that formats refuse. */
function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

/** Loads the wanted language now and whenever another is wanted; the promise is of the first. Call once. */
export async function startLanguage(): Promise<void> {
  effect(() => {
    document.documentElement.lang = language.value === "zh" ? "zh-Hans" : "en";
  });
  wanted.subscribe(() => void load());
  await load();
}

async function load(): Promise<void> {
  if (wanted.peek() === "en" || tables.peek().zh !== undefined) return;
  try {
    const { zh } = await import("./zh.ts");
    tables.value = { en, zh };
  } catch {
    // English it is, until the texts can be had.
  }
}
