// How long a room keeps its messages: chosen by an owner, said to everyone, and kept by the browser's own copies.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { KEPT_TEXTS } from "../../src/page/i18n/kept.ts";
import { moderationEn } from "../../src/page/i18n/moderation-en.ts";
import { moderationZh } from "../../src/page/i18n/moderation-zh.ts";
import { LOOKS, violations } from "../helpers/looks.ts";
import { ownedRoom, until, useIdentity } from "../helpers/owned-room.ts";
import { isStarted, type Pages, part, say, startPages } from "../helpers/page.ts";

const texts = KEPT_TEXTS.en;
const DAY_MS = 24 * 3_600_000;

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

const copyOf = (page: Page, room: string) =>
  page.evaluate((name) => localStorage.getItem(`edge-chat:cache:${name}`), room);
const visitsOf = (page: Page) => page.evaluate(() => localStorage.getItem("edge-chat:visited"));

test("an owner chooses it in the settings, is asked first, and everyone reads it", async () => {
  const room = await ownedRoom(pages, { title: "Garden" });
  const { page } = await room.openAsOwner();
  const other = await (await pages.person()).open(room.name);
  await isStarted(other);
  await page.getByRole("heading", { level: 1 }).getByRole("button").click();
  const settings = part.dialog(page, moderationEn.roomSettings);
  const choice = settings.getByRole("combobox", { name: texts.setting });
  expect(await choice.inputValue()).toBe("all");
  await choice.selectOption("week");
  const ask = part.dialog(page, texts.confirmTitle);
  await ask.getByText(texts.confirmText).waitFor();
  expect(room.owner.state.roomState.retention).toBe("all");
  await ask.getByRole("button", { name: texts.confirm }).click();
  for (const each of [page, other]) {
    await each.locator("header").getByText("Messages disappear after 7 days").waitFor();
    await part.log(each).getByText(`Olga ${texts.notice.week}`).waitFor();
  }
  await other.getByRole("heading", { level: 1 }).getByRole("button").click();
  const about = part.dialog(other, moderationEn.aboutRoom);
  await about.getByText("Messages disappear after 7 days.").waitFor();
  await room.owner.setRoom({ retention: "all" });
  await other
    .locator("header")
    .getByText(/disappear/)
    .waitFor({ state: "detached" });
});

test("a new room can be one that ends once everyone has left, and the browser keeps no copy of it", async () => {
  const room = await ownedRoom(pages);
  const person = await pages.person();
  const page = await person.open(room.name);
  await isStarted(page);
  await say(page, "kept for now");
  await page.reload();
  await part.message(page, "kept for now").waitFor();
  expect(await copyOf(page, room.name)).toContain("kept for now");
  await room.owner.setRoom({ retention: "presence" });
  await page.locator("header").getByText(texts.presence).waitFor();
  await page.reload();
  await page.locator("header").getByText(texts.presence).waitFor();
  expect(await copyOf(page, room.name)).toBeNull();
  expect(await visitsOf(page)).not.toContain("kept for now");
});

test("the copies that the browser keeps end with the messages", async () => {
  const room = await ownedRoom(pages, { retention: "day" });
  const person = await pages.person();
  const page = await person.open(room.name);
  await isStarted(page);
  await say(page, "a day at most");
  await page.goto(new URL("/r/elsewhere", pages.service.url).href);
  await isStarted(page);
  expect(await copyOf(page, room.name)).toContain("a day at most");
  expect(await visitsOf(page)).toContain("a day at most");
  // A day later, in another room.
  await page.clock.install({ time: Date.now() + DAY_MS });
  await page.reload();
  await isStarted(page);
  await expect.poll(() => copyOf(page, room.name)).not.toContain("a day at most");
  await expect.poll(() => visitsOf(page)).not.toContain("a day at most");
});

test.each(LOOKS)("is accessible: $name", async ({ options }) => {
  const isChinese = options.locale === "zh-CN";
  const kept = isChinese ? KEPT_TEXTS.zh : texts;
  const room = await ownedRoom(pages, { title: isChinese ? "花园" : "Garden", retention: "month" });
  const person = await pages.person(options);
  await useIdentity(person, room.key);
  const page = await person.open(room.name);
  await page.locator("header").getByText(kept.after(30)).waitFor();
  await until(room.owner, ({ online }) => online === 1);
  await page.getByRole("heading", { level: 1 }).getByRole("button").click();
  const { roomSettings } = isChinese ? moderationZh : moderationEn;
  const settings = page.getByRole("dialog", { name: roomSettings });
  await settings.getByRole("combobox", { name: kept.setting }).scrollIntoViewIfNeeded();
  expect(await violations(page, settings)).toEqual([]);
  await page.keyboard.press("Escape");
  await room.owner.setRoom({ retention: "presence" });
  const note = page.locator("header").getByText(kept.presence);
  await note.waitFor();
  expect(await note.evaluate((element) => element.scrollHeight - element.clientHeight)).toBe(0);
});
