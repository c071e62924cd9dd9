/** The page's language, from the settings or the browser. English is built in, other languages are loaded. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { settings } from "../storage/settings.ts";
import { en, type Strings } from "./en.ts";

export type { Strings };

/** Language is a language that the page is translated into. */
export type Language = "en" | "zh";

/** Names of the languages, each in itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", zh: "简体中文" };

const tables = signal<Readonly<Partial<Record<Language, Strings>>>>({ en });

/** Returns the first of a browser's languages that the page has. */
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

/** Current language of the page: the wanted one once its texts are loaded. */
export const language = computed<Language>(() =>
  tables.value[wanted.value] === undefined ? "en" : wanted.value,
);

/** Texts in the page's language. */
export const t = computed<Strings>(() => tables.value[language.value] ?? en);

/** Returns the one of `tables` that is in the page's language: texts that are loaded together with what shows them. */
export function inLanguage<T>(tables: Readonly<Record<Language, T>>): ReadonlySignal<T> {
  return computed(() => tables[language.value]);
}

/** Locale of dates and numbers: the browser's variant of the page's language. */
export const locale = computed(
  () =>
    navigator.languages.find(
      (tag) => pickLanguage([tag]) === language.value && tag.startsWith(language.value) && isLocale(tag),
    ) ?? language.value,
);

/** On a system without a language, browsers report a tag that `Intl` does not accept. */
function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

/** Loads the wanted language, now and after each change. Resolves when the first is loaded. Call once. */
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
    // The page stays in English until the texts can be loaded.
  }
}
