/** The page's language: chosen by the browser, or by the reader. */
import { computed, effect } from "@preact/signals";
import { settings } from "../state/settings.ts";
import { en, type Strings } from "./en.ts";
import { zh } from "./zh.ts";

export type { Strings };

/** Language is one that the page has all its texts in. */
export type Language = "en" | "zh";

const TABLES: Readonly<Record<Language, Strings>> = { en, zh };
/** Names of the languages in themselves. */
export const LANGUAGE_NAMES = { en: en.languageName, zh: zh.languageName };

/** The first of a browser's languages that the page has. */
export function pickLanguage(languages: readonly string[]): Language {
  for (const tag of languages) {
    if (/^zh\b/i.test(tag)) return "zh";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

export const language = computed<Language>(() => {
  const chosen = settings.value.language;
  return chosen === "system" ? pickLanguage(navigator.languages) : chosen;
});

/** t is the table of texts in the page's language. */
export const t = computed<Strings>(() => TABLES[language.value]);

/** Locale of dates and numbers: the browser's own variant of the page's language. */
export const locale = computed(
  () =>
    navigator.languages.find(
      (tag) => pickLanguage([tag]) === language.value && tag.startsWith(language.value),
    ) ?? language.value,
);

/** Keeps the document's `lang` right. Call once. */
export function startLanguage(): void {
  effect(() => {
    document.documentElement.lang = language.value === "zh" ? "zh-Hans" : "en";
  });
}
