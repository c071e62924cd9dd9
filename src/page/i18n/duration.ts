/** Durations in words, in the page's language. */
import { language } from "./index.ts";

const UNITS = {
  en: { seconds: " s", minutes: " min", hours: " h", days: " d" },
  zh: { seconds: " 秒", minutes: " 分钟", hours: " 小时", days: " 天" },
} as const;

/** Returns a duration in its largest unit: "30 s", "10 min", "24 h", "3 d". */
export function durationText(ms: number): string {
  const unit = UNITS[language.value];
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}${unit.seconds}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}${unit.minutes}`;
  const hours = Math.round(minutes / 60);
  return hours <= 48 ? `${hours}${unit.hours}` : `${Math.round(hours / 24)}${unit.days}`;
}
