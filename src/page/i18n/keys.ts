/** Texts of the list of keyboard shortcuts. They are loaded with it. */
import { inLanguage } from "./index.ts";

const en = {
  keys: {
    send: "Send message",
    newline: "New line",
    editLast: "Edit your last message",
    leave: "Cancel reply or edit",
    switchRoom: "Switch rooms",
    nextRoom: "Previous or next room",
    compose: "Go to the message field",
    browse: "Previous or next message",
    firstLast: "First or latest message",
    reply: "Reply",
    react: "React",
    edit: "Edit your message",
    delete: "Delete your message",
    copy: "Copy text",
    link: "Copy link",
    person: "About the author",
    menu: "Open the message menu",
    help: "Show keyboard shortcuts",
    mention: "Mention someone",
    emoji: "Insert an emoji",
  },
  keysInMessage: "On a selected message",
  keysInComposer: "While writing",
  keysAnywhere: "Anywhere",
};

const zh: typeof en = {
  keys: {
    send: "发送消息",
    newline: "换行",
    editLast: "编辑自己的上一条消息",
    leave: "取消回复或编辑",
    switchRoom: "切换房间",
    nextRoom: "上一个或下一个房间",
    compose: "定位到输入框",
    browse: "上一条或下一条消息",
    firstLast: "第一条或最新消息",
    reply: "回复",
    react: "添加表情回应",
    edit: "编辑自己的消息",
    delete: "删除自己的消息",
    copy: "复制文字",
    link: "复制链接",
    person: "查看发送者资料",
    menu: "打开消息菜单",
    help: "显示键盘快捷键",
    mention: "@ 某人",
    emoji: "插入表情",
  },
  keysInMessage: "选中消息时",
  keysInComposer: "输入时",
  keysAnywhere: "任意位置",
};

/** Texts in the page's language. */
export const keyTexts = inLanguage({ en, zh });
