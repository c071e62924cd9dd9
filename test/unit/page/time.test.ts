// Times of messages.
import { expect, test } from "vitest";
import { clockTime } from "../../../src/page/i18n/time.ts";

test.each(["en-GB", "en-US", "en-AU", "zh-CN", "zh-TW"])(
  "formats hour and minute for %s as Intl does",
  (locale) => {
    const format = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
    for (let hour = 0; hour < 24; hour += 1) {
      for (const minute of [0, 7, 59]) {
        const at = new Date(2026, 2, 1, hour, minute).getTime();
        expect(clockTime(at, locale)).toBe(format.format(at));
      }
    }
  },
);
