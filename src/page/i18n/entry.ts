/** Texts about entering rooms with owners. They are loaded with the dialogs and screens that show them. */
import { inLanguage, type Language } from "./index.ts";

const en = {
  // New room
  title: "Title",
  optional: "optional",
  whoMayEnter: "Who may enter",
  entry: {
    open: "Anyone with the link",
    password: "Anyone with the link and the password",
    knock: "People I let in",
  },
  password: "Password",
  passwordMissing: "Enter a password.",
  nameHint: "Part of the link. Nobody can guess the suggested name.",
  create: "Create room",
  creating: "Creating…",
  taken: (name: string) => `The name “${name}” is taken. Choose another one.`,
  notReached: "The room could not be reached. Try again.",

  // Invitation
  invitation: {
    password: "Anyone with this link and the password can read and write here.",
    knock: "Anyone with this link can ask to enter. You and the moderators let people in.",
  },

  // Owner link
  ownerLink: "Owner link",
  ownerLinkHint:
    "Whoever opens this link owns the room. Keep it, for example in a password manager, and use it on your other devices.",
  noOwnerLink: "This browser does not know the owner link of this room.",
  copyOwnerLink: "Copy owner link",
  ownerLinkCopied: "Owner link copied. Give it to nobody.",
  saveOwnerLink: "Save as a file",
  ownerQrCode: "QR code of the owner link",
  isOwner: "You own this room now.",
  ownerLinkInvalid: "This owner link is not valid, or a newer one has replaced it.",

  // Outside
  waiting: "Waiting to be let in",
  waitingHint: "The moderators of this room see your request. Keep this page open.",
  askedAs: (name: string) => `You ask as ${name}.`,
  letIn: "You were let in.",
  passwordNeeded: "This room has a password",
  enter: "Enter",
  checking: "Checking…",
  passwordWrong: "The password is wrong.",
  passwordChanged: "The password has changed. Enter the new one.",
  passwordLater: (seconds: number) => `Too many wrong passwords. Try again in ${seconds} s.`,
  banned: "You are banned from this room",
  bannedUntil: (time: string) => `The ban ends on ${time}.`,
  bannedForGood: "The ban holds until a moderator lifts it.",
  removed: "A moderator removed you from this room",
  notAdmitted: "You were not let in",
  locked: "This room is locked",
  lockedHint: "Nobody new can enter at the moment.",
  closed: "This room is closed",
  closedHint: "Its owner has closed it.",
  tooManyWaiting: "Too many people are waiting",
  tooManyWaitingHint: "Try again later.",
  reason: "Reason:",
  enterAgain: "Enter again",
  askAgain: "Ask again",
  tryAgain: "Try again",
  otherRooms: "Other rooms",
};

const zh: typeof en = {
  title: "标题",
  optional: "选填",
  whoMayEnter: "谁可以进入",
  entry: {
    open: "任何有链接的人",
    password: "有链接并知道密码的人",
    knock: "由我批准的人",
  },
  password: "密码",
  passwordMissing: "请输入密码",
  nameHint: "名称是链接的一部分，系统建议的名称无法被猜到",
  create: "创建房间",
  creating: "正在创建…",
  taken: (name) => `名称“${name}”已被占用，请换一个`,
  notReached: "无法连接到房间，请重试",

  invitation: {
    password: "有链接并知道密码的人都可以在这里聊天",
    knock: "有链接的人可以申请进入，由你和管理员批准",
  },

  ownerLink: "房主链接",
  ownerLinkHint: "打开此链接的人即为房主。请妥善保存（例如存入密码管理器），并用它在你的其他设备上管理房间。",
  noOwnerLink: "此浏览器中没有该房间的房主链接",
  copyOwnerLink: "复制房主链接",
  ownerLinkCopied: "房主链接已复制，请勿发给他人",
  saveOwnerLink: "保存为文件",
  ownerQrCode: "房主链接的二维码",
  isOwner: "你现在是房主",
  ownerLinkInvalid: "此房主链接无效，或已被新的链接取代",

  waiting: "等待批准",
  waitingHint: "管理员已收到你的申请，请不要关闭此页面",
  askedAs: (name) => `申请时使用的昵称：${name}`,
  letIn: "你已获准进入",
  passwordNeeded: "此房间需要密码",
  enter: "进入",
  checking: "正在验证…",
  passwordWrong: "密码错误",
  passwordChanged: "密码已更改，请输入新密码",
  passwordLater: (seconds) => `密码错误次数过多，请在 ${seconds} 秒后重试`,
  banned: "你已被此房间封禁",
  bannedUntil: (time) => `封禁将于 ${time} 结束`,
  bannedForGood: "封禁将持续到管理员解除为止",
  removed: "你被管理员移出了房间",
  notAdmitted: "你的申请未获批准",
  locked: "房间已锁定",
  lockedHint: "目前无法有新成员进入",
  closed: "房间已关闭",
  closedHint: "房主已关闭此房间",
  tooManyWaiting: "等待的人过多",
  tooManyWaitingHint: "请稍后再试",
  reason: "原因：",
  enterAgain: "重新进入",
  askAgain: "再次申请",
  tryAgain: "重试",
  otherRooms: "其他房间",
};

/** The texts of each language, for tests. */
export const ENTRY_TEXTS: Readonly<Record<Language, typeof en>> = { en, zh };

/** Texts in the page's language. */
export const entryTexts = inLanguage(ENTRY_TEXTS);
