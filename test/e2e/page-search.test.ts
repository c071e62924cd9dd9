// Searching a room and downloading its messages in a browser.
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FIND_TEXTS } from "../../src/page/i18n/find.ts";
import { LOOKS, PHONE, violations } from "../helpers/looks.ts";
import {
  isStarted,
  network,
  type Pages,
  part,
  post,
  postLines,
  say,
  select,
  startPages,
} from "../helpers/page.ts";
import { unlimitedService } from "../helpers/shared-services.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages(unlimitedService);
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

const field = (page: Page): Locator => page.getByRole("combobox", { name: "Search messages" });
const button = (page: Page): Locator => page.getByRole("button", { name: "Search messages" });
const results = (page: Page): Locator => page.getByRole("listbox", { name: "Results" }).getByRole("option");
const status = (page: Page): Locator => page.getByRole("search").getByRole("status");
const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluateAll(([element]) => element !== undefined && element === document.activeElement);

/** Searches for `query` and waits until `count` messages are shown. */
async function search(page: Page, query: string, count: number): Promise<void> {
  await field(page).fill(query);
  await expect.poll(() => results(page).count()).toBe(count);
}

describe("the search", () => {
  test("finds Chinese text of two characters and marks it", async () => {
    const room = pages.freshRoom();
    await post(pages, room, "Lin", "周六早上码头见");
    await post(pages, room, "Ann", "see you");
    const page = await (await pages.person()).open(room);
    await isStarted(page);
    await button(page).click();
    await search(page, "码头", 1);
    const [result] = await results(page).all();
    expect(await result?.locator("mark").allTextContents()).toEqual(["码头"]);
    expect(await result?.textContent()).toMatch(/^Lin Today \d\d:\d\d周六早上码头见$/);
    expect(await status(page).textContent()).toBe("1 message");
    await search(page, "船票", 0);
    await status(page).getByText("No message matches.").waitFor();
  });

  test("leads to a message far back in a long room, with the keyboard alone", async () => {
    const room = pages.freshRoom();
    await post(pages, room, "Ann", "the needle is here");
    await postLines(pages, room, 2, 500);
    await post(pages, room, "Ann", "another Needle");
    const page = await (await pages.person()).open(room);
    await isStarted(page);
    await part.field(page).focus();
    await page.keyboard.press("Control+f");
    await expect.poll(() => isFocused(field(page))).toBe(true);
    await page.keyboard.type("needle");
    await expect.poll(() => results(page).count()).toBe(2);
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => results(page).nth(1).getAttribute("aria-selected")).toBe("true");
    await page.keyboard.press("Enter");
    const found = part.message(page, "the needle is here");
    await expect.poll(() => isFocused(found)).toBe(true);
    expect((await found.boundingBox())?.y).toBeGreaterThan(0);
    // The results stay, and the next one is one key away.
    await page.keyboard.press("Control+f");
    await expect.poll(() => isFocused(field(page))).toBe(true);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await expect.poll(() => isFocused(part.message(page, "another Needle"))).toBe(true);
  });

  test("goes on in older messages, by button and by arrow key", async () => {
    const room = pages.freshRoom();
    await postLines(pages, room, 1, 45);
    const page = await (await pages.person()).open(room);
    await isStarted(page);
    await button(page).click();
    await search(page, "line", 20);
    await status(page).getByText("The 20 newest matches").waitFor();
    await page.getByRole("button", { name: "More results" }).click();
    await expect.poll(() => results(page).count()).toBe(40);
    await results(page).nth(39).waitFor();
    for (let i = 0; i < 40; i += 1) await field(page).press("ArrowDown");
    await status(page).getByText("45 messages").waitFor();
    await expect.poll(() => results(page).nth(40).getAttribute("aria-selected")).toBe("true");
    expect(await results(page).last().textContent()).toContain("line 1.");
    expect(await page.getByRole("button", { name: "More results" }).count()).toBe(0);
  });

  test("filters by author, day and link, and says what is wrong with a filter", async () => {
    const room = pages.freshRoom();
    await post(pages, room, "Ann", "tea at https://tea.example/");
    await post(pages, room, "Tom", "tea later");
    const page = await (await pages.person({ timezoneId: "Pacific/Auckland" })).open(room);
    await isStarted(page);
    await button(page).click();
    await search(page, "tea", 2);
    await search(page, "tea from:an", 1);
    await search(page, "has:link", 1);
    // The day is that of the user's time zone, which can be another one than in UTC.
    const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Pacific/Auckland" }).format(Date.now());
    await search(page, `after:${today}`, 2);
    await search(page, `before:${today}`, 0);
    await status(page).getByText("No message matches.").waitFor();
    await field(page).fill("before:yesterday");
    await status(page).getByText("“yesterday” is not a date").waitFor();
    await field(page).fill("has:photo");
    await status(page).getByText("There are has:link and has:file").waitFor();
    await page.getByText("by people whose name contains").waitFor();
  });

  test("Ctrl+F opens it once, and Escape restores the focus", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await isStarted(page);
    await page.evaluate(() => {
      const note = ({ defaultPrevented }: KeyboardEvent): void => {
        document.documentElement.dataset.handledBy = defaultPrevented ? "page" : "browser";
      };
      // After the page's own listener.
      addEventListener("keydown", note, { capture: true });
    });
    const handledBy = () => page.evaluate(() => document.documentElement.dataset.handledBy);
    await part.field(page).focus();
    await page.keyboard.press("Control+f");
    await expect.poll(() => isFocused(field(page))).toBe(true);
    expect(await handledBy()).toBe("page");
    await page.keyboard.press("Control+f");
    expect(await handledBy()).toBe("browser");
    await page.keyboard.press("Escape");
    await field(page).waitFor({ state: "detached" });
    await expect.poll(() => isFocused(part.field(page))).toBe(true);
    await button(page).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => isFocused(field(page))).toBe(true);
    await page.keyboard.press("Escape");
    await expect.poll(() => isFocused(button(page))).toBe(true);
  });

  test("shows messages as they are now, and conceals those of hidden people", async () => {
    const room = pages.freshRoom();
    const other = await (await pages.person({ name: "Tom" })).open(room);
    for (const text of ["tea one", "tea two"]) await say(other, text);
    const page = await (await pages.person()).open(room);
    await isStarted(page);
    await button(page).click();
    await search(page, "tea", 2);
    await select(other, "tea one");
    await other.keyboard.press("Delete");
    await expect.poll(() => results(page).count(), { timeout: 20_000 }).toBe(1);
    await part.log(page).getByRole("button", { name: "Tom" }).first().click();
    await page.getByRole("button", { name: "Hide on this device" }).click();
    await results(page).getByText("Hidden message").waitFor();
    expect(await results(page).textContent()).not.toContain("tea");
  });

  test("waits for the connection, and says so", async () => {
    const room = pages.freshRoom();
    await post(pages, room, "Ann", "tea");
    const person = await pages.person();
    const net = await network(person);
    const page = await person.open(room);
    await isStarted(page);
    await button(page).click();
    await field(page).waitFor();
    await net.online(false);
    await field(page).fill("tea");
    await status(page).getByText("No connection.").waitFor();
    await net.online(true);
    await results(page).first().waitFor();
  });

  test("covers the room on a phone and leaves the message visible", async () => {
    const room = pages.freshRoom();
    await post(pages, room, "Ann", "the needle");
    await postLines(pages, room, 2, 120);
    const page = await (await pages.person(PHONE)).open(room);
    await isStarted(page);
    await button(page).tap();
    await search(page, "needle", 1);
    expect(await part.field(page).count()).toBe(0);
    await results(page).first().tap();
    await field(page).waitFor({ state: "detached" });
    await expect.poll(() => isFocused(part.message(page, "the needle"))).toBe(true);
    // Opened again, it has the same results.
    await button(page).tap();
    expect(await results(page).count()).toBe(1);
    await page.getByRole("search").getByRole("button", { name: "Close" }).tap();
    await part.field(page).waitFor();
  });

  test.each(LOOKS)("has no violations: $name", async ({ options, texts }) => {
    const room = pages.freshRoom();
    await post(pages, room, "Ann", "tea");
    const find = FIND_TEXTS[texts.send === "Send" ? "en" : "zh"];
    const person = await pages.person(options);
    const page = await person.open(room);
    await page.waitForFunction(() => document.title.includes(" · "));
    await page.getByRole("button", { name: texts.searchMessages }).click();
    await page.getByText(find.help).waitFor();
    expect(await violations(page), "help").toEqual([]);
    const input = page.getByRole("combobox", { name: texts.searchMessages });
    await input.fill("tea from:ann");
    await page.getByRole("option").waitFor();
    expect(await violations(page), "results").toEqual([]);
    await input.fill("before:x");
    await page.getByText(find.notADate("x")).waitFor();
    expect(await violations(page), "error").toEqual([]);
    expect(person.wrongs).toEqual([]);
  });
});

describe("the download", () => {
  /** Opens the dialog of the room that is open in `page`. */
  async function openDownload(page: Page, room: string): Promise<Locator> {
    await page.getByRole("button", { name: `Options for ${room}` }).click();
    await page.getByRole("button", { name: "Download messages" }).click();
    return part.dialog(page, "Download messages");
  }

  test.each([
    ["Text", "txt", /Ann: hello <all>\n/],
    ["Web page", "html", /^<!doctype html>.*hello &lt;all&gt;/s],
    ["JSON Lines", "jsonl", /^\{"type":"room".*"text":"hello <all>".*\n\{"type":"end","seq":1\}\n$/s],
  ])("saves a file: %s", async (format, extension, content) => {
    const room = pages.freshRoom();
    await post(pages, room, "Ann", "hello <all>");
    const person = await pages.person();
    const page = await person.open(room);
    await isStarted(page);
    const dialog = await openDownload(page, room);
    await dialog.getByRole("radio", { name: format }).check();
    expect(await violations(page, dialog)).toEqual([]);
    const saved = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Download" }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toBe(`${room}.${extension}`);
    expect(await readFile(await file.path(), "utf8")).toMatch(content);
    await dialog.getByText(`Saved as ${room}.${extension}`).waitFor();
    expect(await dialog.getByRole("alert").count()).toBe(0);
    expect(person.wrongs).toEqual([]);
  });

  test.each([
    ["is cut off", '{"type":"room"}\n{"type":"mess', "The file is cut off"],
    ["was wiped meanwhile", '{"type":"room"}\n{"type":"end","seq":1,"wiped":true}\n', "were deleted during"],
  ])("warns if the file %s", async (_, body, warning) => {
    const room = pages.freshRoom();
    const person = await pages.person();
    await person.context.route(/\/export\?/, (route) => route.fulfill({ body }));
    const page = await person.open(room);
    await isStarted(page);
    const dialog = await openDownload(page, room);
    await dialog.getByRole("radio", { name: "JSON Lines" }).check();
    await dialog.getByRole("button", { name: "Download" }).click();
    await dialog.getByRole("alert").getByText(warning).waitFor();
  });

  test.each([
    [403, "You may not read this room."],
    [429, "Too many downloads. Try again in 7 s."],
    [500, "The room could not be read."],
  ])("says in words why there is no file: %s", async (code, words) => {
    const room = pages.freshRoom();
    const person = await pages.person();
    await person.context.route(/\/export\?/, (route) =>
      route.fulfill({ status: code, headers: { "Retry-After": "7" } }),
    );
    const page = await person.open(room);
    await isStarted(page);
    const dialog = await openDownload(page, room);
    await dialog.getByRole("button", { name: "Download" }).click();
    await dialog.getByText(words).waitFor();
  });

  test("can be cancelled, and sends its secrets in headers only", async () => {
    const room = pages.freshRoom();
    const person = await pages.person();
    await person.context.route(/\/export\?/, () => undefined);
    const page = await person.open(room);
    await isStarted(page);
    const proof = "p".repeat(43);
    await page.evaluate(([name, text]) => localStorage.setItem(`edge-chat:proof:${name}`, text), [
      room,
      proof,
    ] as const);
    const dialog = await openDownload(page, room);
    const sent = page.waitForRequest(/\/export\?/);
    await dialog.getByRole("button", { name: "Download" }).click();
    const request = await sent;
    const headers = await request.allHeaders();
    expect(headers.authorization).toMatch(/^Bearer [\w-]{22,}$/);
    expect(headers["x-room-password"]).toBe(proof);
    expect(request.url()).toMatch(/\/export\?format=txt$/);
    await dialog.getByRole("progressbar").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.getByRole("button", { name: "Download" }).waitFor();
    expect(await dialog.getByRole("progressbar").count()).toBe(0);
  });
});
