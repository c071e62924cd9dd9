/** Texts about moderation in the page's language. They are loaded with what shows them, not with the page. */
import { inLanguage } from "./index.ts";
import { moderationEn } from "./moderation-en.ts";
import { moderationZh } from "./moderation-zh.ts";

export const m = inLanguage({ en: moderationEn, zh: moderationZh });
