// The page for everyone: accessibility in every state, the keyboard alone, small screens, languages, no network.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callOneself, type Pages, type Person, part, say, startPages } from "../helpers/page.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterAll(() => pages.stop());

/** What axe-core finds wrong with the page as it now stands. */
async function violations(page: Page): Promise<string[]> {
  const found = await page.evaluate<AxeResults>(`${AXE}; axe.run({ resultTypes: ["violations"] })`);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

const PHONE: BrowserContextOptions = {
  viewport: { width: 320, height: 640 },
  hasTouch: true,
  isMobile: true,
};

/** A room in which everything that a timeline can show has happened. */
async function busyRoom(options: BrowserContextOptions): Promise<{ page: Page; person: Person }> {
  const room = pages.freshRoom();
  const other = await (await pages.person()).open(room);
  await callOneself(other, "Bob");
  await say(
    other,
    "Hello **all**: `code`, https://example.com and @Ann\n\n- a list\n\n> a quote\n\n```js\nlet x;\n```",
  );
  await say(other, "🎉");
  await say(other, "to be deleted");
  await other.keyboard.press("Control+Home");
  const person = await pages.person(options);
  const page = await person.open(room);
  await page.getByRole("log").getByText("to be deleted").waitFor();
  const own = page.locator("css=.name-field input");
  await own.fill("Ann");
  await own.press("Enter");
  const field = page.locator("css=.composer textarea");
  await field.fill("an answer");
  await field.press("Enter");
  await part.message(other, "an answer").waitFor();
  await other.getByRole("article", { name: / an answer$/ }).focus();
  await other.keyboard.press("r");
  await say(other, "a reply");
  await part.message(other, "to be deleted").focus();
  await other.keyboard.press("Delete");
  await part.message(other, "a reply").hover();
  await part.message(other, "a reply").getByRole("button", { name: "React with 👍" }).click();
  await page.getByRole("button", { name: "👍" }).waitFor();
  await part.field(other).pressSequentially("typing");
  return { page, person };
}

const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ["light", { colorScheme: "light" }],
  ["dark, Chinese", { colorScheme: "dark", locale: "zh-CN" }],
  ["light, Chinese, on a phone", { ...PHONE, colorScheme: "light", locale: "zh-CN" }],
  ["dark, on a phone", { ...PHONE, colorScheme: "dark" }],
];

describe("axe-core finds nothing", () => {
  test.each(LOOKS)("in an empty room: %s", async (_, options) => {
    const page = await (await pages.person(options)).open(pages.freshRoom());
    await page.locator("css=[data-connection=online]").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test.each(LOOKS)("in a busy room, with each dialog: %s", async (_, options) => {
    const { page, person } = await busyRoom(options);
    expect(await violations(page), "the room").toEqual([]);
    const answer = page.getByRole("article", { name: / an answer$/ });
    await answer.focus();
    expect(await violations(page), "a message in focus").toEqual([]);
    for (const key of ["Enter", "+", "?"]) {
      await answer.focus();
      await page.keyboard.press(key);
      await page.locator("css=dialog[open]").waitFor();
      if (key === "+") {
        await page.keyboard.type("cat");
        await page.locator("css=[data-emoji=🐱]").waitFor();
      }
      expect(await violations(page), `the dialog of ${key}`).toEqual([]);
      await page.keyboard.press("Escape");
      await page.locator("css=dialog[open]").waitFor({ state: "detached" });
    }
    for (const icon of ["menu", "people"]) {
      const button = page.locator(`css=.header button[data-icon=${icon}]`);
      if ((await button.count()) === 0) continue;
      await button.click();
      await page.locator("css=dialog[open]").waitFor();
      expect(await violations(page), `the sheet of ${icon}`).toEqual([]);
      await page.keyboard.press("Escape");
      await page.locator("css=dialog[open]").waitFor({ state: "detached" });
    }
    await person.context.setOffline(true);
    await page.reload().catch(() => undefined);
    await page.getByRole("article", { name: / an answer$/ }).waitFor();
    expect(await violations(page), "without a network").toEqual([]);
  });

  test("on the page of a wrong address", async () => {
    const person = await pages.person();
    const page = await person.context.newPage();
    await page.goto(new URL("/r/a%20b", pages.service.url).href);
    await page.getByRole("heading", { name: "There is no room at this address" }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(person.wrongs).toEqual([]);
  });
});

describe("everyone", () => {
  test("without JavaScript reads what is needed", async () => {
    const page = await (await pages.person({ javaScriptEnabled: false })).open(pages.freshRoom());
    await page.getByRole("heading", { name: "This chat needs JavaScript" }).waitFor();
  });

  test("without WebSocket reads what is needed", async () => {
    const person = await pages.person();
    await person.context.addInitScript(() => Reflect.deleteProperty(globalThis, "WebSocket"));
    const page = await person.open(pages.freshRoom());
    await page.getByText("This chat needs WebSockets").waitFor();
  });

  test("goes from message to message, acts, and comes back by the keyboard alone", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await say(page, "one");
    await say(page, "two");
    await page.getByRole("log").focus();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("r");
    await page.keyboard.type("three");
    await page.keyboard.press("Enter");
    await page
      .getByRole("article", { name: / three$/ })
      .getByRole("button", { name: /^In reply to .* one$/ })
      .waitFor();
    await page.getByRole("log").focus();
    await page.keyboard.press("?");
    await part.dialog(page, "Keyboard shortcuts").waitFor();
    await page.keyboard.press("Escape");
    await part.dialog(page, "Keyboard shortcuts").waitFor({ state: "detached" });
    expect(await page.getByRole("log").evaluate((log) => log === document.activeElement)).toBe(true);
    await page.keyboard.press("/");
    expect(await part.field(page).evaluate((field) => field === document.activeElement)).toBe(true);
  });

  test("chooses language and theme, which stay", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByLabel("Theme").selectOption("Dark");
    await page.getByLabel("Language").selectOption("简体中文");
    await page.getByRole("dialog", { name: "设置" }).waitFor();
    await page.reload();
    await page.getByRole("log", { name: "消息" }).waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("zh-Hans");
  });

  test("has the whole page on a screen of 320 pixels, and asks no other host for anything", async () => {
    const person = await pages.person(PHONE);
    const page = await person.open(pages.freshRoom());
    await page
      .getByRole("textbox", { name: "Message", exact: true })
      .fill(`${"long".repeat(60)} https://example.com/${"x".repeat(200)}`);
    await page.getByRole("button", { name: "Send" }).tap();
    await page.getByRole("article").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    expect(await page.getByRole("log").evaluate((log) => log.scrollWidth - log.clientWidth)).toBe(0);
    expect(person.wrongs).toEqual([]);
  });
});
