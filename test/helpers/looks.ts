// Combinations of language and device in which the page is checked for accessibility.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { en, type Strings } from "../../src/page/i18n/en.ts";
import { zh } from "../../src/page/i18n/zh.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const PHONE: BrowserContextOptions = {
  viewport: { width: 320, height: 640 },
  hasTouch: true,
  isMobile: true,
};

/** Look is one combination of language and device. Each is checked in the light and in the dark theme. */
export interface Look {
  readonly name: string;
  readonly options: BrowserContextOptions;
  /** The page's texts in the browser's language. */
  readonly texts: Strings;
}

export const LOOKS: readonly Look[] = [
  { name: "Chinese, on a desktop", options: { locale: "zh-CN" }, texts: zh },
  // English has the longer words.
  { name: "English, on a phone", options: PHONE, texts: en },
];

/** The rules whose outcome depends on the theme: it changes nothing but colours. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/**
 * Returns the violations that axe-core finds in the page, or in a part of it, in the light theme, and those that the
 * dark theme adds.
 */
export async function violations(page: Page, part: Locator = page.locator("html")): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(AXE);
  const inLight = await check(part);
  await page.emulateMedia({ colorScheme: "dark" });
  const inDark = await check(part, COLOUR_RULES);
  await page.emulateMedia({ colorScheme: "light" });
  return [...inLight, ...inDark.map((violation) => `in the dark theme: ${violation}`)];
}

async function check(part: Locator, rules?: readonly string[]): Promise<string[]> {
  const found = await part.evaluate(async (element, only): Promise<AxeResults> => {
    // While something fades in, its colours have less contrast.
    const fading = document
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(Number(effect?.getComputedTiming().endTime)));
    await Promise.all(fading.map(({ finished }) => finished.catch(() => undefined)));
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    return axe.run(element, {
      resultTypes: ["violations"],
      // By default axe-core also fetches and parses all styles, for an experimental rule that is off.
      preload: { assets: ["media"] },
      ...(only !== undefined && { runOnly: [...only] }),
    });
  }, rules);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}
