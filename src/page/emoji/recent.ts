/** Emoji that were picked recently in this browser. */
import * as v from "valibot";
import { readJson, writeJson } from "../storage/browser-storage.ts";

const NAME = "recent-emoji";
const MAX_RECENT = 16;

/** Returns the recent emoji, latest first. */
export function recentEmoji(): readonly string[] {
  return readJson(NAME, v.array(v.string())) ?? [];
}

export function rememberEmoji(emoji: string): void {
  const others = recentEmoji().filter((other) => other !== emoji);
  writeJson(NAME, [emoji, ...others].slice(0, MAX_RECENT));
}
