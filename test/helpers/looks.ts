// Combinations of theme, language and device in which the page is checked for accessibility.
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

/** Look is one combination of theme, language and device. */
export interface Look {
  readonly name: string;
  readonly options: BrowserContextOptions;
  /** The page's texts in the browser's language. */
  readonly texts: Strings;
}

export const LOOKS: readonly Look[] = [
  { name: "light", options: { colorScheme: "light" }, texts: en },
  { name: "dark, Chinese", options: { colorScheme: "dark", locale: "zh-CN" }, texts: zh },
  {
    name: "light, Chinese, on a phone",
    options: { ...PHONE, colorScheme: "light", locale: "zh-CN" },
    texts: zh,
  },
  { name: "dark, on a phone", options: { ...PHONE, colorScheme: "dark" }, texts: en },
];

/** Returns the violations that axe-core finds in the page, or in a part of it. */
export async function violations(page: Page, part: Locator = page.locator("html")): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(AXE);
  const found = await part.evaluate(async (element): Promise<AxeResults> => {
    // While something fades in, its colours have less contrast.
    const fading = document
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(Number(effect?.getComputedTiming().endTime)));
    await Promise.all(fading.map(({ finished }) => finished.catch(() => undefined)));
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    // By default axe-core also fetches and parses all styles, for an experimental rule that is off.
    return axe.run(element, { resultTypes: ["violations"], preload: { assets: ["media"] } });
  });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}
