// Names that are suggested to users without one.
import { expect, test } from "vitest";
import { suggestName } from "../../../src/page/i18n/suggest-name.ts";
import { cleanName } from "../../../src/protocol/display-name.ts";

test.each(["en", "zh"] as const)("all suggested names are clean, short and different: %s", (language) => {
  const names = new Set<string>();
  const WORDS = 20;
  for (let first = 0; first < WORDS; first += 1) {
    for (let second = 0; second < WORDS; second += 1) {
      const numbers = [first, second];
      const name = suggestName(language, () => (numbers.shift() ?? 0) / WORDS);
      expect(cleanName(name)).toBe(name);
      expect(name.length).toBeLessThanOrEqual(20);
      names.add(name);
    }
  }
  expect(names.size).toBe(WORDS * WORDS);
});
