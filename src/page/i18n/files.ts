/** Texts about files and pictures. They are loaded with what shows them. */
import { inLanguage, type Language } from "./index.ts";

const en = {
  // Writing
  attached: "Attached files",
  attachedCount: (count: number) => (count === 1 ? "1 file attached" : `${count} files attached`),
  description: "Description",
  descriptionOf: (name: string) => `Description of ${name}`,
  removeFile: (name: string) => `Remove ${name}`,
  preparing: "Preparing…",
  waiting: "Waiting for the connection…",
  uploading: (name: string) => `Uploading ${name}`,
  uploaded: "Uploaded",
  retry: "Try again",
  cancel: "Cancel",
  dropHere: "Drop files here to attach them",
  tooManyFiles: (count: number) => `A message can have at most ${count} files.`,
  finishEditing: "Save or cancel your edit first.",
  noService: "This service takes no files.",

  // Why a file is not sent
  unreadable: "The picture cannot be read.",
  lost: "The file is no longer stored in this browser.",
  tooLong: (size: string) => `The file is larger than ${size}.`,
  refused: "The room could not process the file.",

  // In a message
  typeAndSize: (type: string, size: string) => (type === "" ? size : `${type}, ${size}`),
  downloadFile: (name: string) => `Download ${name}`,
  downloading: "Downloading…",
  gone: "This file is no longer available.",
  notLoaded: "Could not be loaded",
  openPicture: (label: string) => label,

  // Viewer
  viewer: "Picture viewer",
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
  preparing: "正在处理…",
  waiting: "等待网络连接…",
  uploading: (name) => `正在上传 ${name}`,
  uploaded: "已上传",
  retry: "重试",
  cancel: "取消",
  dropHere: "拖放到此处即可添加文件",
  tooManyFiles: (count) => `每条消息最多 ${count} 个文件。`,
  finishEditing: "请先保存或取消编辑。",
  noService: "此服务不支持文件。",

  unreadable: "无法读取该图片。",
  lost: "该文件已不在此浏览器中。",
  tooLong: (size) => `文件超过 ${size}。`,
  refused: "房间无法处理该文件。",

  typeAndSize: (type, size) => (type === "" ? size : `${type}，${size}`),
  downloadFile: (name) => `下载 ${name}`,
  downloading: "正在下载…",
  gone: "该文件已不存在。",
  notLoaded: "加载失败",
  openPicture: (label) => label,

  viewer: "图片查看器",
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
