/**
 * Takes the two screenshots in README.md: three people write in a room of a fresh service. `node test/screenshot.ts
 * FOLDER` writes `screenshot.png` (a wide window) and `screenshot-phone.png` (a phone, in Chinese).
 */
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { zh } from "../src/page/i18n/zh.ts";
import { launchWholeBrowser } from "./helpers/browser.ts";
import { type Person, part, post, say, setName, startPages } from "./helpers/page.ts";
import { startServe } from "./helpers/service.ts";

const WIDE: BrowserContextOptions = { viewport: { width: 1120, height: 700 } };
const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 700 },
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
  const mayaHere = await pages.person(WIDE);
  await visit(mayaHere, "book-night", "Tom", "Next month: The Left Hand of Darkness");
  await visit(mayaHere, "garden-club", "Rosa", "The first tomatoes are ripe 🍅");
  await post(pages, "garden-club", "Rosa", "Help yourselves, they are at the gate");
  const maya = await enter(mayaHere, "Maya");
  const jonas = await enter(await pages.person(WIDE), "Jonas");
  const lin = await (await pages.person(PHONE)).open("tidewalk");
  await setName(lin, "小林", zh);

  await say(
    maya,
    "Saturday’s tide tables are up: low water at **06:40**, so we can walk out to the island 🏝️",
  );
  await say(jonas, "Count me in! I’ll bring coffee and croissants 🥐");
  await react(maya, "croissants", "❤️");
  await reply(jonas, "low water", "How long before we have to turn back?");
  await say(maya, "Two hours, by this rule of thumb:\n```\ndry = low - 2h … low + 2h\n```");
  await lin
    .getByRole("textbox", { name: zh.message, exact: true })
    .fill("我带绳子和地图，周六早上六点一刻码头见！");
  await lin.getByRole("button", { name: zh.send, exact: true }).click();
  await part.message(maya, "码头见").waitFor();
  for (const page of [maya, jonas]) await react(page, "码头见", "👍");
  await say(jonas, "Perfect. @Maya, shall I pick you up at six?");
  await maya.getByRole("list", { name: "Rooms" }).getByText("at the gate").waitFor();

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
  await pages.browser.close();
}

/** Opens another room with one message, so that it is in the list. */
async function visit(person: Person, room: string, author: string, text: string): Promise<void> {
  await post(pages, room, author, text);
  const page = await person.open(room);
  await part.message(page, text).waitFor();
  await page.close();
}

async function enter(person: Person, name: string): Promise<Page> {
  const page = await person.open("tidewalk");
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
