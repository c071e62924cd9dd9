// The list of rooms: its order, previews, drafts and menus, and the keys that change rooms.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { inSettings, isStarted, type Pages, part, post, say, startPages } from "../helpers/page.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

/** Rooms whose names have no common beginning with others. */
function freshRooms(...names: string[]): string[] {
  const suffix = pages.freshRoom();
  return names.map((name) => `${name}-${suffix}`);
}

const list = (page: Page) => page.getByRole("list", { name: "Rooms" });
const entry = (page: Page, room: string) => list(page).getByRole("listitem").filter({ hasText: room });

/** Returns the names of the rooms in the list, in order. */
async function order(page: Page): Promise<string[]> {
  const paths = await list(page)
    .getByRole("link")
    .evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  return paths.map((path) => path.replace("/r/", ""));
}

/** Opens `rooms` one after the other in one tab, each with one message "hello from ROOM". */
async function visitAll(page: Page, rooms: readonly string[]): Promise<void> {
  for (const room of rooms) {
    await page.goto(new URL(`/r/${room}`, page.url()).href);
    await isStarted(page);
    await say(page, `hello from ${room}`);
  }
}

async function visitor(rooms: readonly [string, ...string[]]): Promise<Page> {
  const person = await pages.person({ permissions: ["clipboard-read", "clipboard-write"] });
  const page = await person.open(rooms[0]);
  await visitAll(page, rooms);
  return page;
}

const at = (page: Page, room: string): Promise<void> =>
  page.getByRole("heading", { level: 1, name: room }).waitFor();

test("the list has the room with the latest message first, and visits do not move rooms", async () => {
  const [alpha = "", beta = "", gamma = ""] = freshRooms("alpha", "beta", "gamma");
  const page = await visitor([alpha, beta, gamma]);
  await expect.poll(() => order(page)).toEqual([gamma, beta, alpha]);
  await entry(page, alpha).getByRole("link").click();
  await at(page, alpha);
  await page.mouse.move(640, 400);
  expect(await order(page)).toEqual([gamma, beta, alpha]);
  await page.reload();
  await isStarted(page);
  expect(await order(page)).toEqual([gamma, beta, alpha]);
  await say(page, "news");
  await expect.poll(() => order(page)).toEqual([alpha, gamma, beta]);
});

test("the list stays in order while the pointer is in it", async () => {
  const [alpha = "", beta = ""] = freshRooms("alpha", "beta");
  const page = await visitor([alpha, beta]);
  await entry(page, alpha).getByRole("link").click();
  await at(page, alpha);
  await entry(page, alpha).hover();
  await post(pages, alpha, "Bob", "news");
  await entry(page, alpha).getByText("Bob: news").waitFor();
  await page.evaluate(() => dispatchEvent(new Event("pagehide")));
  expect(await order(page)).toEqual([beta, alpha]);
  await page.mouse.move(640, 400);
  await expect.poll(() => order(page)).toEqual([alpha, beta]);
});

test("a fixed order stays as it is when messages arrive", async () => {
  const [alpha = "", beta = ""] = freshRooms("alpha", "beta");
  const page = await visitor([alpha, beta]);
  await inSettings(page, (settings) => settings.getByLabel("Room order").selectOption("Fixed"));
  await entry(page, alpha).getByRole("link").click();
  await at(page, alpha);
  await say(page, "news");
  await page.reload();
  await isStarted(page);
  expect(await order(page)).toEqual([beta, alpha]);
  await inSettings(page, (settings) =>
    settings.getByLabel("Room order").selectOption("Latest message first"),
  );
  await expect.poll(() => order(page)).toEqual([alpha, beta]);
});

test("the list shows the last message of each room and its time", async () => {
  const [alpha = "", beta = ""] = freshRooms("alpha", "beta");
  const page = await visitor([alpha, beta]);
  const old = entry(page, alpha);
  await old.getByText(`You: hello from ${alpha}`).waitFor();
  await old.getByText(/^\d\d:\d\d$/).waitFor();
  await post(pages, beta, "Bob", "something **new**");
  await entry(page, beta).getByText("Bob: something new").waitFor();
  await post(pages, alpha, "Bob", "while you were away");
  // The rooms that are not open are requested when the page starts.
  await page.reload();
  await old.getByText("Bob: while you were away").waitFor();
});

test("the list marks the drafts of rooms that are not open", async () => {
  const [alpha = "", beta = ""] = freshRooms("alpha", "beta");
  const page = await visitor([alpha, beta]);
  await part.field(page).fill("to be continued");
  await page.keyboard.press("Alt+ArrowDown");
  await at(page, alpha);
  await entry(page, beta).getByText("Draft: to be continued").waitFor();
  await page.keyboard.press("Alt+ArrowUp");
  await at(page, beta);
  await entry(page, beta).getByText("Draft:").waitFor({ state: "detached" });
  expect(await part.field(page).inputValue()).toBe("to be continued");
});

test("a right click on a room opens its menu, which copies its link and mutes it", async () => {
  const [alpha = "", beta = ""] = freshRooms("alpha", "beta");
  const page = await visitor([alpha, beta]);
  const menu = part.dialog(page, `Options for ${alpha}`);
  await entry(page, alpha).click({ button: "right" });
  await menu.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Link copied").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    new URL(`/r/${alpha}`, page.url()).href,
  );
  await entry(page, alpha).click({ button: "right" });
  await menu.getByRole("button", { name: "Mute this room" }).click();
  await list(page)
    .getByRole("link", { name: `${alpha} muted` })
    .waitFor();
});

test("removing the open room opens the next one, and can be undone", async () => {
  const [alpha = "", beta = ""] = freshRooms("alpha", "beta");
  const page = await visitor([alpha, beta]);
  await entry(page, beta).click({ button: "right" });
  await page.getByRole("button", { name: "Remove from the list" }).click();
  await at(page, alpha);
  await expect.poll(() => order(page)).toEqual([alpha]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => order(page)).toEqual([beta, alpha]);
});

test("Ctrl+K switches rooms with the keyboard alone", async () => {
  const [alpha = "", beta = "", gamma = ""] = freshRooms("alpha", "beta", "gamma");
  const page = await visitor([alpha, beta]);
  const switcher = part.dialog(page, "Switch rooms");
  await part.field(page).focus();
  await page.keyboard.press("Control+k");
  await switcher.waitFor();
  await page.keyboard.type("ALPH");
  const options = switcher.getByRole("option");
  await expect.poll(() => options.allTextContents()).toEqual([`#${alpha}`, "Open the room “alph”"]);
  await page.keyboard.press("Enter");
  await at(page, alpha);
  expect(await switcher.count()).toBe(0);
  // A name that is not in the list opens that room.
  await page.keyboard.press("Control+k");
  await page.keyboard.type(gamma);
  await page.keyboard.press("Enter");
  await at(page, gamma);
  await page.keyboard.press("Control+k");
  await expect.poll(() => options.allTextContents()).toEqual([`#${beta}`, `#${alpha}`]);
  await page.keyboard.press("ArrowDown");
  await expect
    .poll(() => switcher.getByRole("option", { selected: true }).allTextContents())
    .toEqual([`#${alpha}`]);
  await page.keyboard.press("Control+k");
  await switcher.waitFor({ state: "detached" });
  await expect.poll(() => part.field(page).evaluate((it) => it === document.activeElement)).toBe(true);
});

test("on a Mac only Cmd+K switches rooms: Ctrl+K deletes to the end of the line", async () => {
  const userAgent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
  const page = await (await pages.person({ userAgent })).open(pages.freshRoom());
  await isStarted(page);
  await part.field(page).focus();
  const isPrevented = (press: string): Promise<boolean> =>
    page.evaluate(
      (keys) =>
        !(document.activeElement ?? document).dispatchEvent(
          new KeyboardEvent("keydown", { key: "k", [keys]: true, bubbles: true, cancelable: true }),
        ),
      press,
    );
  expect(await isPrevented("ctrlKey")).toBe(false);
  expect(await isPrevented("metaKey")).toBe(true);
  await part.dialog(page, "Switch rooms").waitFor();
});

test("Alt and an arrow key move to the next room, also several times in a row", async () => {
  const rooms = freshRooms("alpha", "beta", "gamma");
  const [alpha = "", beta = "", gamma = ""] = rooms;
  const page = await visitor([alpha, beta, gamma]);
  // The messages below would reorder the list at times that the test does not know.
  await inSettings(page, (settings) => settings.getByLabel("Room order").selectOption("Fixed"));
  await page.keyboard.press("Alt+ArrowDown");
  await page.keyboard.press("Alt+ArrowDown");
  await at(page, alpha);
  expect(page.url()).toContain(alpha);
  await isStarted(page);
  // One room is open: what is written in the others does not appear.
  await post(pages, beta, "Bob", "elsewhere");
  await say(page, "here");
  expect(await part.log(page).getByText("elsewhere").count()).toBe(0);
  await page.keyboard.press("Alt+ArrowDown");
  await page.keyboard.press("Alt+ArrowUp");
  await at(page, beta);
});
