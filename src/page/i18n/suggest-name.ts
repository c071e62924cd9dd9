/** Friendly random names, suggested to users without a name. */
import type { Language } from "./index.ts";

interface Words {
  readonly first: readonly string[];
  readonly second: readonly string[];
  readonly between: string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    first: (
      "Amber Bold Brave Breezy Bright Calm Clever Cosy Curious Gentle " +
      "Happy Jolly Kind Lively Lucky Merry Nimble Quiet Sunny Warm"
    ).split(" "),
    second: (
      "Badger Beaver Dolphin Finch Fox Hare Hedgehog Heron Ibis Koala " +
      "Lark Lynx Magpie Otter Panda Puffin Robin Seal Swift Wren"
    ).split(" "),
    between: " ",
  },
  zh: {
    first: (
      "爱笑 安静 淡定 勇敢 温柔 机灵 好奇 乐观 开朗 悠闲 " +
      "早起 快乐 踏实 热心 自在 可爱 阳光 灵巧 沉稳 幸运"
    ).split(" "),
    second: (
      "水獭 海豚 松鼠 刺猬 熊猫 企鹅 小鹿 云雀 狐狸 考拉 " +
      "白鹭 海豹 喜鹊 燕子 河狸 羊驼 海鸥 雪豹 锦鲤 麻雀"
    ).split(" "),
    between: "的",
  },
};

/** Returns a name in `language`. `random` returns numbers from 0 up to but not including 1. */
export function suggestName(language: Language, random: () => number): string {
  const { first, second, between } = WORDS[language];
  const pick = (words: readonly string[]): string => words[Math.floor(random() * words.length)] ?? "";
  return pick(first) + between + pick(second);
}
