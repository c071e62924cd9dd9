/** Texts about how long a room keeps its messages. They are loaded with what shows them. */
import type { Retention } from "../../protocol/retention.ts";
import { inLanguage, type Language } from "./index.ts";

const en = {
  /** After how many days messages disappear. */
  after: (days: number) => `Messages disappear after ${days === 1 ? "24 hours" : `${days} days`}`,
  presence: "Deleted once everyone has left",
  setting: "Messages disappear",
  choices: {
    all: "Never",
    day: "After 24 hours",
    week: "After 7 days",
    month: "After 30 days",
    presence: "When everyone has left",
  } satisfies Record<Retention, string>,
  serviceHint: (days: number) =>
    `This service keeps messages for ${days === 1 ? "24 hours" : `${days} days`} at most.`,
  presenceHint:
    "5 minutes after the last person has left, the room is deleted with its settings and owners. Anyone can then take its name.",
  confirmTitle: "Delete old messages?",
  confirmText:
    "Messages that are older are deleted for everyone, now and from now on. Nobody can restore them.",
  confirm: "Delete them",
  confirmPresenceTitle: "Delete the room once everyone has left?",
  confirmPresence: "Delete it then",
  notice: {
    all: "turned off disappearing messages",
    day: "set messages to disappear after 24 hours",
    week: "set messages to disappear after 7 days",
    month: "set messages to disappear after 30 days",
    presence: "set the room to be deleted once everyone has left",
  } satisfies Record<Retention, string>,
};

const zh: typeof en = {
  after: (days) => `消息将在 ${days === 1 ? "24 小时" : `${days} 天`}后消失`,
  presence: "所有人离开后删除",
  setting: "消息消失时间",
  choices: {
    all: "从不",
    day: "24 小时后",
    week: "7 天后",
    month: "30 天后",
    presence: "所有人离开后",
  },
  serviceHint: (days) => `此服务最多保留消息 ${days === 1 ? "24 小时" : `${days} 天`}`,
  presenceHint: "最后一人离开 5 分钟后，房间及其设置和房主将一并删除，之后任何人都可以使用这个名称",
  confirmTitle: "删除旧消息？",
  confirmText: "超过期限的消息将为所有人删除，之后也会如此，且无法恢复",
  confirm: "删除",
  confirmPresenceTitle: "所有人离开后删除房间？",
  confirmPresence: "离开后删除",
  notice: {
    all: "关闭了消息自动消失",
    day: "将消息设为 24 小时后消失",
    week: "将消息设为 7 天后消失",
    month: "将消息设为 30 天后消失",
    presence: "将房间设为所有人离开后删除",
  },
};

/** The texts of each language, for tests. */
export const KEPT_TEXTS: Readonly<Record<Language, typeof en>> = { en, zh };

/** Texts in the page's language. */
export const keptTexts = inLanguage(KEPT_TEXTS);
