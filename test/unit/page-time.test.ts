/** Times of messages: what is written without the runtime's formats is what they write. */
import { expect, test } from "vitest";
import { clockTime } from "../../src/page/text/time.ts";

test.each(["en-GB", "en-US", "en-AU", "zh-CN", "zh-TW"])(
  "a clock in %s shows what the runtime would",
  (locale) => {
    const format = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
    for (let hour = 0; hour < 24; hour += 1) {
      for (const minute of [0, 7, 59]) {
        const at = new Date(2026, 2, 1, hour, minute).getTime();
        expect(clockTime(at, locale)).toBe(format.format(at));
      }
    }
  },
);
