/** 简体中文 texts of notices. */
import type { NoticeTexts } from "./notices-en.ts";

export const noticesZh: NoticeTexts = {
  created: "创建了房间",
  claim: "成为了房主",
  title: (title) => (title === "" ? "移除了房间标题" : `将房间标题改为“${title}”`),
  topic: (topic) => (topic === "" ? "移除了房间话题" : `将房间话题改为“${topic}”`),
  entry: (entry) =>
    ({
      open: "允许所有有链接的人进入",
      password: "将房间设为凭密码进入",
      knock: "将房间设为经批准进入",
    })[entry],
  slowMode: (time) => (time === "" ? "关闭了慢速模式" : `开启了慢速模式（${time}）`),
  readOnly: (on) => (on ? "将房间设为只读" : "恢复了所有人发言"),
  locked: (on) => (on ? "锁定了房间" : "解除了房间锁定"),
  closed: (on) => (on ? "关闭了房间" : "重新开放了房间"),
  files: (on) => (on ? "开启了文件功能" : "关闭了文件功能"),
  password: "更改了密码",
  list: (changes) => changes.join("，"),
  role: (member, role) => (role === "moderator" ? `将 ${member} 设为管理员` : `将 ${member} 设为普通成员`),
  mute: (member, time) => `将 ${member} 禁言${time === "" ? "" : ` ${time}`}`,
  unmute: (member) => `解除了 ${member} 的禁言`,
  ban: (member, time) => `将 ${member} 封禁${time === "" ? "" : ` ${time}`}`,
  banNetwork: (member, time) => `将 ${member} 及其所在网络封禁${time === "" ? "" : ` ${time}`}`,
  unban: (member) => `解除了 ${member} 的封禁`,
  remove: (member) => `将 ${member} 移出了房间`,
  admit: (member) => `允许 ${member} 进入房间`,
  refuse: (member) => `拒绝了 ${member} 的进入请求`,
  pin: "置顶了一条消息",
  unpin: "取消了置顶消息",
  owner: "更换了房主链接",
  wipe: "删除了所有消息",
  imported: (messages) => `从文件导入了 ${messages.toLocaleString("zh")} 条消息`,
  reason: (reason) => `，原因：“${reason}”`,
};
