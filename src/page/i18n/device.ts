/** Texts about the use of an identity on another device. They are loaded with what shows them. */
import { inLanguage, type Language } from "./index.ts";

const en = {
  deviceHint:
    "Scan this code with the other device, or open the link there. Both devices will then write as the same person.",
  deviceWarning:
    "Keep the code and the link to yourself: anyone who has them can write as you and change your messages.",
  deviceQrCode: "QR code with your identity",
  deviceLink: "Link with your identity",
  adoptTitle: "Use the identity of your other device here?",
  adoptName: (name: string) => `You will write as ${name} on this device.`,
  adoptReplaces:
    "It replaces your current identity on this device. You will no longer be able to edit or delete what you wrote with that one.",
  adoptWarning: "Continue only if the link comes from your own device. Anyone who has it can write as you.",
  adopt: "Use it here",
};

const zh: typeof en = {
  deviceHint: "用另一台设备扫描二维码，或在该设备上打开链接，即可在两台设备上使用同一身份。",
  deviceWarning: "请勿将二维码或链接发给他人，否则对方可以冒用你的身份发消息、修改你的消息。",
  deviceQrCode: "身份二维码",
  deviceLink: "身份链接",
  adoptTitle: "在此设备上使用另一台设备的身份？",
  adoptName: (name) => `你在此设备上的昵称将变为“${name}”。`,
  adoptReplaces: "此设备当前的身份将被替换，之后无法再编辑或删除用该身份发送的消息。",
  adoptWarning: "请确认该链接来自你自己的设备，拿到链接的人都可以冒用你的身份。",
  adopt: "使用该身份",
};

/** The texts of each language, for tests. */
export const DEVICE_TEXTS: Readonly<Record<Language, typeof en>> = { en, zh };

/** Texts in the page's language. */
export const deviceTexts = inLanguage(DEVICE_TEXTS);
