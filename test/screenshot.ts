/**
 * Takes the two screenshots in README.md: three people write in a room of a fresh service. `node test/screenshot.ts
 * FOLDER` writes `screenshot.png` (a wide window) and `screenshot-phone.png` (a phone, in Chinese).
 */
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { zh } from "../src/page/i18n/zh.ts";
import { launchWholeBrowser } from "./helpers/browser.ts";
import { part, say, setName, startPages } from "./helpers/page.ts";
import { startServe } from "./helpers/service.ts";

const WIDE: BrowserContextOptions = { viewport: { width: 1100, height: 620 } };
const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 620 },
  deviceScaleFactor: 1.5,
  hasTouch: true,
  isMobile: true,
  locale: "zh-CN",
  colorScheme: "dark",
};

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node test/screenshot.ts FOLDER");

const pages = await startPages(startServe, launchWholeBrowser);
try {
  const maya = await enter("Maya", WIDE);
  const jonas = await enter("Jonas", WIDE);
  const lin = await (await pages.person(PHONE)).open("tidewalk");
  await setName(lin, "小林", zh);

  await say(
    maya,
    "The tide tables for Saturday are up: low water at **06:40**, so we can walk out to the island.",
  );
  await say(jonas, "Lovely! I can bring coffee and croissants 🥐");
  await reply(jonas, "low water", "Is an hour enough to get back?");
  await say(maya, "Two hours, by this rule of thumb:\n```\ndry = low - 2h … low + 2h\n```");
  await lin
    .getByRole("textbox", { name: "消息", exact: true })
    .fill("我带绳子和地图，周六早上六点一刻码头见！");
  await lin.getByRole("button", { name: "发送", exact: true }).click();
  await part.message(maya, "码头见").waitFor();
  for (const page of [maya, jonas]) await react(page, "码头见", "👍");

  const last = part.message(lin, "码头见").getByRole("button", { name: /👍/ }).filter({ hasText: "2" });
  for (const [page, file] of [
    [maya, "screenshot.png"],
    [lin, "screenshot-phone.png"],
  ] as const) {
    await last.waitFor();
    await page.getByText(/is typing|正在输入/).waitFor({ state: "hidden" });
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(folder, file), animations: "disabled" });
  }
} finally {
  await pages.stop();
}

async function enter(name: string, options: BrowserContextOptions): Promise<Page> {
  const page = await (await pages.person(options)).open("tidewalk");
  await setName(page, name);
  return page;
}

/** Answers the message that contains `text`. */
async function reply(page: Page, text: string, answer: string): Promise<void> {
  await part.message(page, text).hover();
  await page.getByRole("button", { name: "Reply" }).click();
  await say(page, answer);
}

async function react(page: Page, text: string, emoji: string): Promise<void> {
  await part.message(page, text).hover();
  await page.getByRole("button", { name: `React with ${emoji}` }).click();
}
