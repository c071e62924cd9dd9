/** Texts about files and pictures. They are loaded with what shows them. */
import { inLanguage, type Language } from "./index.ts";

const en = {
  // Writing
  attached: "Attached files",
  attachedCount: (count: number) => (count === 1 ? "1 file attached" : `${count} files attached`),
  description: "Description",
  descriptionOf: (name: string) => `Description of ${name}`,
  removeFile: (name: string) => `Remove ${name}`,
  waiting: "Waiting…",
  uploading: (name: string) => `Uploading ${name}`,
  retry: "Try again",
  dropHere: "Drop files here to attach them",
  tooManyFiles: (count: number) => `A message can have at most ${count} files.`,
  finishEditing: "Save or cancel your edit first.",
  noService: "This service takes no files.",

  // Why a file is not sent
  unreadable: "The picture cannot be read.",
  lost: "The file is no longer stored in this browser.",
  tooLong: (size: string) => `The file is larger than ${size}.`,
  refused: "The room could not process the file.",
  /** By the name that the room gives what is full. */
  quotas: {
    room: "The files of this room take all the space that it has.",
    user: "Your files in this room take all the space that you have.",
    address: "Too many uploads from your network. Try again in an hour.",
  } as Readonly<Record<string, string>>,

  // In a message
  typeAndSize: (type: string, size: string) => (type === "" ? size : `${type}, ${size}`),
  downloadFile: (name: string) => `Download ${name}`,
  downloading: "Downloading…",
  gone: "This file is no longer available.",
  notLoaded: "Could not be loaded",

  // Viewer
  position: (index: number, count: number) => `${index} of ${count}`,
  previous: "Previous picture",
  next: "Next picture",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  download: "Download",

  // Settings of the room
  setting: "Files and pictures",
  settingHint: "People can send files and pictures.",
};

const zh: typeof en = {
  attached: "已添加的文件",
  attachedCount: (count) => `已添加 ${count} 个文件`,
  description: "图片说明",
  descriptionOf: (name) => `${name} 的说明`,
  removeFile: (name) => `移除 ${name}`,
  waiting: "等待中…",
  uploading: (name) => `正在上传 ${name}`,
  retry: "重试",
  dropHere: "拖放到此处即可添加文件",
  tooManyFiles: (count) => `每条消息最多 ${count} 个文件。`,
  finishEditing: "请先保存或取消编辑。",
  noService: "此服务不支持文件。",

  unreadable: "无法读取该图片。",
  lost: "该文件已不在此浏览器中。",
  tooLong: (size) => `文件超过 ${size}。`,
  refused: "房间无法处理该文件。",
  quotas: {
    room: "本房间的文件空间已用完。",
    user: "你在本房间的文件空间已用完。",
    address: "你所在网络的上传量过大，请一小时后再试。",
  },

  typeAndSize: (type, size) => (type === "" ? size : `${type}，${size}`),
  downloadFile: (name) => `下载 ${name}`,
  downloading: "正在下载…",
  gone: "该文件已不存在。",
  notLoaded: "加载失败",

  position: (index, count) => `第 ${index} 张，共 ${count} 张`,
  previous: "上一张",
  next: "下一张",
  zoomIn: "放大",
  zoomOut: "缩小",
  download: "下载",

  setting: "文件和图片",
  settingHint: "成员可以发送文件和图片。",
};

/** The texts of each language, for tests. */
export const FILE_TEXTS: Readonly<Record<Language, typeof en>> = { en, zh };

/** Texts in the page's language. */
export const f = inLanguage(FILE_TEXTS);
