// The first visit: the welcome at `/`, and the invitation in an empty room.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { en } from "../../src/page/i18n/en.ts";
import { ENTRY_TEXTS } from "../../src/page/i18n/entry.ts";
import { zh } from "../../src/page/i18n/zh.ts";
import { LOOKS, PHONE, violations } from "../helpers/looks.ts";
import { type Pages, type Person, part, say, startPages } from "../helpers/page.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

/** Opens the address of the site without a room. */
async function openSite({ context }: Person, hash = ""): Promise<Page> {
  const page = await context.newPage();
  await page.goto(new URL(`/${hash}`, pages.service.url).href);
  return page;
}

const welcome = (page: Page) => page.getByRole("heading", { level: 1, name: en.welcomeTitle });
const roomTitle = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });

describe("the welcome", () => {
  test("opens no socket and marks no room as visited", async () => {
    const person = await pages.person();
    let sockets = 0;
    person.context.on("page", (page) => page.on("websocket", () => (sockets += 1)));
    const page = await openSite(person);
    await welcome(page).waitFor();
    // The background work begins after everything that could open a room.
    await page.waitForFunction(() => document.querySelector('link[rel="icon"][href="/icons/icon.svg"]'));
    expect(sockets).toBe(0);
    await page.reload();
    await welcome(page).waitFor();
    expect(person.wrongs).toEqual([]);
  });

  test("starts a private room under the suggested name", async () => {
    const page = await openSite(await pages.person());
    const name = await part.name(page).inputValue();
    expect(name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    await page.getByRole("button", { name: "Start a room" }).click();
    await part.dialog(page, en.newRoom).getByRole("button", { name: ENTRY_TEXTS.en.create }).click();
    await page.waitForURL(/\/r\/p-[a-z2-7]{26}$/);
    await part.people(page).getByText(name).waitFor();
    await say(page, "hello");
    await part.message(page, "hello").getByText(name).waitFor();
  });

  test("suggests another name on request, and takes a typed one", async () => {
    const page = await openSite(await pages.person());
    const suggested = await part.name(page).inputValue();
    await expect
      .poll(async () => {
        await page.getByRole("button", { name: "Suggest another name" }).click();
        return part.name(page).inputValue();
      })
      .not.toBe(suggested);
    await part.name(page).fill("  Ann   Lee ");
    await part.name(page).press("Enter");
    await part.dialog(page, en.newRoom).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/r\/p-/);
    await part.people(page).getByText("Ann Lee").waitFor();
  });

  test("suggests names in the reader's language", async () => {
    const page = await openSite(await pages.person({ locale: "zh-CN" }));
    const name = page.getByRole("textbox", { name: zh.yourName });
    expect(await name.inputValue()).toMatch(/^\p{Script=Han}{2}的\p{Script=Han}{2}$/u);
  });

  test("opens a room by name, and rejects an invalid one", async () => {
    const page = await openSite(await pages.person());
    const field = page.getByRole("textbox", { name: "Room name" });
    await field.fill("a/b");
    await field.press("Enter");
    await page.getByText(en.badRoomName).waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    await field.fill("Tide Walk");
    await field.press("Enter");
    await roomTitle(page, "tide-walk").waitFor();
  });

  test("opens the lobby, which is what a later visit opens", async () => {
    const person = await pages.person();
    const page = await openSite(person);
    await page.getByRole("button", { name: "Lobby" }).click();
    await part.status(page).filter({ hasText: "Connected" }).waitFor();
    await roomTitle(page, "Lobby").waitFor();
    await page.reload();
    await roomTitle(page, "Lobby").waitFor();
    await roomTitle(await openSite(person), "Lobby").waitFor();
  });

  test("is there again after going back, with the recent rooms", async () => {
    const room = pages.freshRoom();
    const page = await openSite(await pages.person());
    const field = page.getByRole("textbox", { name: "Room name" });
    await field.fill(room);
    await field.press("Enter");
    await part.status(page).filter({ hasText: "Connected" }).waitFor();
    await page.goBack();
    await welcome(page).waitFor();
    await page.getByRole("link", { name: room }).click();
    await roomTitle(page, room).waitFor();
  });

  test("is not shown by a room's address, nor by a link to a message in the lobby", async () => {
    const room = pages.freshRoom();
    const page = await (await pages.person()).open(room);
    await roomTitle(page, room).waitFor();
    await roomTitle(await openSite(await pages.person(), "#1"), "Lobby").waitFor();
  });

  test("can be used with the keyboard alone", async () => {
    const page = await openSite(await pages.person());
    await welcome(page).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type("Ann");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await part.dialog(page, en.newRoom).waitFor();
    await page.keyboard.press("Enter");
    await part.people(page).getByText("Ann").waitFor();
    await expect
      .poll(() => part.field(page).evaluate((field) => field === document.activeElement))
      .toBe(true);
  });

  test.each(LOOKS)("has no violation for axe-core: $name", async ({ options, texts }) => {
    const page = await openSite(await pages.person(options));
    await page.getByRole("heading", { name: texts.welcomeTitle }).waitFor();
    await page.getByRole("textbox", { name: texts.roomName }).fill("a/b");
    await page.getByRole("button", { name: texts.open, exact: true }).click();
    await page.getByText(texts.badRoomName).waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

describe("the invitation", () => {
  test("of an empty room names it and its link, and disappears with the first message", async () => {
    const room = pages.freshRoom();
    const page = await (await pages.person()).open(room);
    const card = page.getByRole("region", { name: room });
    await card.getByText(en.invitation).waitFor();
    expect(await card.getByRole("textbox", { name: "Link to this room" }).inputValue()).toBe(page.url());
    await say(page, "hello");
    await card.waitFor({ state: "detached" });
  });

  test("copies the link", async () => {
    const person = await pages.person({ permissions: ["clipboard-read", "clipboard-write"] });
    const page = await person.open(pages.freshRoom());
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByText("Link copied").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  });

  test("opens the share sheet where there is one", async () => {
    const person = await pages.person();
    await person.context.addInitScript(() => {
      Object.defineProperty(navigator, "share", {
        value: async ({ url }: ShareData) => {
          document.documentElement.dataset.shared = url;
        },
      });
    });
    const page = await person.open(pages.freshRoom());
    await page.getByRole("button", { name: "Share…" }).click();
    const shared = () => page.evaluate(() => document.documentElement.dataset.shared);
    await expect.poll(shared).toBe(page.url());
  });

  test("has no share button where there is no share sheet", async () => {
    const person = await pages.person();
    await person.context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "share"));
    const page = await person.open(pages.freshRoom());
    await page.getByRole("button", { name: "Copy link" }).waitFor();
    expect(await page.getByRole("button", { name: "Share…" }).count()).toBe(0);
  });

  test("fits a screen of 320 pixels with its QR code", async () => {
    const page = await (await pages.person(PHONE)).open(`p-${"a".repeat(26)}`);
    await page.getByRole("img", { name: /^QR code of the link to Private room/ }).waitFor();
    expect(await page.getByRole("log").evaluate((log) => log.scrollWidth - log.clientWidth)).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });
});
