/** The reactions that the user of this browser gives most often. */
import * as v from "valibot";
import { readJson, writeJson } from "../storage/browser-storage.ts";

const NAME = "reactions";
const USUAL = ["👍", "❤️", "😂", "🎉", "😮", "🙏"];
/** Emoji that are counted. */
const MAX_COUNTED = 40;

const Counts = v.array(v.tuple([v.string(), v.number()]));

/** Returns the `count` most frequent reactions, completed with the usual ones. */
export function frequentReactions(count: number): readonly string[] {
  const counts = new Map(USUAL.map((emoji) => [emoji, 0]));
  for (const [emoji, times] of readJson(NAME, Counts) ?? []) counts.set(emoji, times);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([emoji]) => emoji);
}

/** Counts a reaction that the user has given. */
export function countReaction(emoji: string): void {
  const counts = new Map(readJson(NAME, Counts) ?? []);
  counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  writeJson(NAME, [...counts].sort(([, a], [, b]) => b - a).slice(0, MAX_COUNTED));
}
