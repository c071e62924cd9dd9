/** The time of a message or a notice. */
import { locale } from "../i18n/index.ts";
import { clockTime, exactTime } from "../i18n/time.ts";

/** Returns the time of day, with the exact time on hover. */
export function timeView(at: number) {
  return (
    <time
      dateTime={new Date(at).toISOString()}
      // Formatting is slow, and few exact times are needed.
      onMouseEnter={({ currentTarget }) => {
        currentTarget.title = exactTime(at, locale.peek());
      }}
    >
      {clockTime(at, locale.value)}
    </time>
  );
}
