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
