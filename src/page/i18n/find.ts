/** Texts about searching a room and downloading its messages. They are loaded with what shows them. */
import { computed } from "@preact/signals";
import { type Language, language } from "./index.ts";

const en = {
  // Search
  results: "Results",
  searching: "Searching…",
  found: (count: number, isAll: boolean) =>
    isAll ? `${count} ${count === 1 ? "message" : "messages"}` : `The ${count} newest matches`,
  nothing: "No message matches. Try fewer or shorter words.",
  moreResults: "More results",
  notADate: (value: string) => `“${value}” is not a date. Write a day such as 2026-01-31.`,
  notHas: (value: string) => `“has:${value}” is not known. There are has:link and has:file.`,
  tooLong: "The query is too long. Use fewer words.",
  failed: "The search failed.",
  retry: "Try again",
  offline: "No connection. The search continues when it is back.",
  help: "Every word must occur, in any order, also inside other words. Filters:",
  filters: [
    ["from:ann", "by people whose name contains “ann”"],
    ["before:2026-01-31", "older than that day"],
    ["after:2026-01-31", "on that day or later"],
    ["has:link", "with a link"],
    ["has:file", "with a picture or another file"],
    ["“two words”", "exactly these words"],
  ] as readonly (readonly [example: string, meaning: string])[],

  // Download
  download: "Download messages",
  downloadHint: (room: string) => `Saves all messages that ${room} keeps in a file.`,
  format: "Format",
  formats: { txt: "Text", html: "Web page", jsonl: "JSON Lines" },
  formatHints: {
    txt: "A line for each message",
    html: "To read in a browser or to print",
    jsonl: "For programs, with all details",
  },
  start: "Download",
  progress: (size: string) => `${size} so far…`,
  saved: (file: string, size: string) => `Saved as ${file} (${size}).`,
  wiped: "The messages of the room were deleted during the download. The file has only those before that.",
  cutOff: "The file is cut off: its end is missing. Download it again.",
  forbidden: "You may not read this room.",
  tooMany: (seconds: number) => `Too many downloads. Try again in ${seconds} s.`,
  interrupted: "The connection failed. Nothing was saved.",
  unavailable: "The room could not be read. Try again later.",
};

const zh: typeof en = {
  results: "搜索结果",
  searching: "正在搜索…",
  found: (count, isAll) => (isAll ? `${count} 条消息` : `最新的 ${count} 条匹配消息`),
  nothing: "没有匹配的消息，可以减少或缩短关键词再试",
  moreResults: "更多结果",
  notADate: (value) => `“${value}”不是有效日期，请按 2026-01-31 的格式输入`,
  notHas: (value) => `无法识别“has:${value}”，目前支持 has:link 和 has:file`,
  tooLong: "搜索内容过长，请减少关键词",
  failed: "搜索失败",
  retry: "重试",
  offline: "连接已断开，恢复后将继续搜索",
  help: "消息须包含所有关键词，顺序不限。筛选条件：",
  filters: [
    ["from:小林", "发送者昵称包含“小林”"],
    ["before:2026-01-31", "早于该日"],
    ["after:2026-01-31", "该日及之后"],
    ["has:link", "包含链接"],
    ["has:file", "包含图片或其他文件"],
    ["“周六 早上”", "与引号内文字完全一致"],
  ],

  download: "下载消息",
  downloadHint: (room) => `将“${room}”保留的所有消息保存为文件`,
  format: "格式",
  formats: { txt: "文本", html: "网页", jsonl: "JSON Lines" },
  formatHints: {
    txt: "每条消息一行",
    html: "可在浏览器中阅读或打印",
    jsonl: "供程序使用，包含全部信息",
  },
  start: "下载",
  progress: (size) => `已下载 ${size}…`,
  saved: (file, size) => `已保存为 ${file}（${size}）`,
  wiped: "下载期间房间消息已被清空，文件只包含此前的消息",
  cutOff: "文件不完整，末尾部分缺失，请重新下载",
  forbidden: "你无权查看此房间的消息",
  tooMany: (seconds) => `下载过于频繁，请在 ${seconds} 秒后重试`,
  interrupted: "连接中断，文件未保存",
  unavailable: "无法读取房间消息，请稍后重试",
};

/** The texts of each language, for tests. */
export const FIND_TEXTS: Readonly<Record<Language, typeof en>> = { en, zh };

/** Texts in the page's language. */
export const findTexts = computed(() => FIND_TEXTS[language.value]);
