// The page in different environments: a phone's keyboard, no network, other languages and themes.
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  INSTALLS,
  inSettings,
  isStarted,
  network,
  type Pages,
  part,
  post,
  say,
  startPages,
} from "../helpers/page.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 800 },
  hasTouch: true,
  isMobile: true,
};

/** A text that does not fit on one screen. */
const LONG = `the beginning\n${"and so on\n".repeat(80)}`;

/** Returns the distance from the top of the window to the lower edge of `element`, px. */
async function bottomOf(element: Locator): Promise<number> {
  const box = await element.boundingBox();
  if (box === null) throw new Error("the element is not on the screen");
  return box.y + box.height;
}

const isAtEnd = (page: Page): Promise<boolean> =>
  part.log(page).evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 2);

describe("on a phone", () => {
  /** Simulates a keyboard over the page that covers `covered` pixels. */
  async function keyboard(page: Page, covered: number): Promise<void> {
    await page.evaluate((pixels) => {
      if (visualViewport === null) throw new Error("no visual viewport");
      Object.defineProperty(visualViewport, "height", { value: innerHeight - pixels, configurable: true });
      visualViewport.dispatchEvent(new Event("resize"));
    }, covered);
  }

  test("the header leaves out what does not fit", async () => {
    const page = await (await pages.person(PHONE)).open(pages.freshRoom());
    await isStarted(page);
    const note = page.getByText("1 person online · Public: anyone can join");
    const shown = await note.evaluate((line) =>
      [...line.children]
        .filter((part) => part.getBoundingClientRect().bottom <= line.getBoundingClientRect().bottom)
        .map((part) => part.textContent),
    );
    expect(shown).toEqual(["1 person online", " · Public"]);
  });

  test("the keyboard hides neither the composer nor the latest message", async () => {
    const room = pages.freshRoom();
    await post(pages, room, "Bob", LONG);
    const page = await (await pages.person(PHONE)).open(room);
    await part.message(page, "the beginning").waitFor();
    await expect.poll(() => isAtEnd(page)).toBe(true);
    await part.field(page).tap();
    await keyboard(page, 350);
    for (const element of [part.field(page), part.send(page)])
      await expect.poll(() => bottomOf(element)).toBeLessThanOrEqual(450);
    await expect.poll(() => isAtEnd(page)).toBe(true);
    await part.field(page).fill("written on glass");
    await part.send(page).tap();
    await part.message(page, "written on glass").waitFor();
    await expect.poll(() => isAtEnd(page)).toBe(true);
    await keyboard(page, 0);
    await expect.poll(() => bottomOf(part.send(page))).toBeGreaterThan(700);
    await expect.poll(() => isAtEnd(page)).toBe(true);
  });

  test("the keyboard does not hide an open dialog", async () => {
    const page = await (await pages.person(PHONE)).open(pages.freshRoom());
    await page.getByRole("button", { name: "Emoji" }).tap();
    const picker = part.dialog(page, "Choose an emoji");
    await picker.getByRole("button", { name: "grinning face", exact: true }).first().waitFor();
    await keyboard(page, 350);
    await expect.poll(() => bottomOf(picker)).toBeLessThanOrEqual(450);
    expect((await picker.getByRole("textbox").boundingBox())?.y).toBeGreaterThanOrEqual(0);
  });

  test("Enter inserts a new line, unless the setting makes it send", async () => {
    const page = await (await pages.person(PHONE)).open(pages.freshRoom());
    await part.field(page).fill("one");
    await page.keyboard.press("Enter");
    await page.keyboard.type("two");
    expect(await part.field(page).inputValue()).toBe("one\ntwo");
    await part.send(page).tap();
    await part.message(page, "two").waitFor();
    await page.getByRole("button", { name: "Rooms" }).tap();
    await inSettings(page, async (settings) => {
      expect(await settings.getByRole("button", { name: "Keyboard shortcuts" }).count()).toBe(0);
      await settings.getByLabel("Send messages with Enter").check();
    });
    await part.field(page).fill("three");
    await page.keyboard.press("Enter");
    await part.message(page, "three").waitFor();
  });

  test("a long sheet has one scroll bar", async () => {
    const phone = { ...PHONE, viewport: { width: 390, height: 500 } };
    const page = await (await pages.person(phone)).open(pages.freshRoom());
    await page.getByRole("button", { name: "Emoji" }).tap();
    const picker = part.dialog(page, "Choose an emoji");
    await picker.getByRole("button", { name: "grinning face", exact: true }).first().waitFor();
    const overflow = await picker.evaluate((dialog) =>
      [dialog, ...dialog.querySelectorAll(".dialog-content")].map(
        ({ scrollHeight, clientHeight }) => scrollHeight - clientHeight,
      ),
    );
    expect(overflow).toEqual([0, 0]);
  });

  test("pinch zoom does not change the layout", async () => {
    const page = await (await pages.person(PHONE)).open(pages.freshRoom());
    await part.field(page).waitFor();
    const height = () => page.getByRole("main").evaluate((room) => room.getBoundingClientRect().height);
    const before = await height();
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setPageScaleFactor", { pageScaleFactor: 2 });
    await expect.poll(() => page.evaluate(() => visualViewport?.scale)).toBe(2);
    expect(await height()).toBe(before);
  });

  /** Shares the room on a phone whose share sheet ends with `outcome`; the shared data is recorded. */
  async function sharing(outcome: "shared" | "AbortError" | "NotAllowedError"): Promise<Page> {
    const permissions = ["clipboard-read", "clipboard-write"];
    const person = await pages.person({ ...PHONE, permissions });
    await person.context.addInitScript((end) => {
      const share = async (data: ShareData): Promise<void> => {
        Reflect.set(globalThis, "shared", data);
        if (end !== "shared") throw new DOMException("the sheet did not share", end);
      };
      Object.defineProperty(navigator, "share", { value: share });
    }, outcome);
    const page = await person.open(pages.freshRoom());
    await page.evaluate(() => navigator.clipboard.writeText("from before"));
    await page.getByRole("button", { name: "Invite" }).tap();
    return page;
  }

  const shared = (page: Page): Promise<ShareData> => page.evaluate<ShareData>("globalThis.shared");
  const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

  test.each(["shared", "AbortError"] as const)(
    "a room is shared with the system's sheet: %s",
    async (outcome) => {
      const page = await sharing(outcome);
      const { hostname } = pages.service.url;
      await expect.poll(() => shared(page)).toEqual({ title: expect.any(String), url: page.url() });
      expect(new URL(page.url()).hostname).toBe(hostname);
      expect(await copied(page)).toBe("from before");
      expect(await page.getByText("Link copied").count()).toBe(0);
    },
  );

  test("a room's link is copied if the share sheet fails", async () => {
    const page = await sharing("NotAllowedError");
    await page.getByText("Link copied").waitFor();
    expect(await copied(page)).toBe(page.url());
  });
});

describe("without a network", () => {
  /** Browsers do not tell every page that there is no network; it then only knows that its connection is lost. */
  const NO_CONNECTION = /^You are offline\.|^Connection lost\.|^当前无网络|^连接已断开/;

  /** Waits until the service worker has stored the page. */
  const isStored = (page: Page): Promise<void> =>
    page.evaluate(async () => void (await navigator.serviceWorker.ready));

  test("the second visit shows the stored messages and the state of the connection", async () => {
    const person = await pages.person(INSTALLS);
    const { online } = await network(person);
    const room = pages.freshRoom();
    const page = await person.open(room);
    await say(page, "kept in this browser");
    await isStored(page);
    await page.goto("about:blank");
    await online(false);
    const again = await person.open(room);
    await part.message(again, "kept in this browser").waitFor();
    await part.status(again).getByText(NO_CONNECTION).waitFor();
    await online(true);
    await part.status(again).getByText("Connected").waitFor();
    expect(person.wrongs).toEqual([]);
  });

  test("a reload after the first visit shows the same, in the chosen language", async () => {
    const person = await pages.person({ ...INSTALLS, locale: "zh-CN" });
    const { online } = await network(person);
    const room = pages.freshRoom();
    await post(pages, room, "Bob", "还在");
    const page = await person.open(room);
    await page.getByRole("log", { name: "消息" }).getByText("还在").waitFor();
    await isStored(page);
    await online(false);
    await page.reload();
    await page.getByRole("log", { name: "消息" }).getByText("还在").waitFor();
    await part.status(page).getByText(NO_CONNECTION).waitFor();
    expect(person.wrongs).toEqual([]);
  });

  test("the status says so as soon as the browser does", async () => {
    const person = await pages.person(INSTALLS);
    const page = await person.open(pages.freshRoom());
    await isStarted(page);
    // The WebSocket stays open.
    await person.context.setOffline(true);
    await part.status(page).filter({ hasText: "You are offline" }).waitFor();
    await person.context.setOffline(false);
    await part.status(page).filter({ hasText: "Connecting" }).waitFor();
    await part.status(page).filter({ hasText: "Connected" }).waitFor();
  });

  test("own messages keep their colour after a reload", async () => {
    const person = await pages.person(INSTALLS);
    const { online } = await network(person);
    const page = await person.open(pages.freshRoom());
    await say(page, "before");
    await isStored(page);
    const hue = (text: string) =>
      part
        .message(page, text)
        .locator("css=.avatar")
        .evaluate((avatar) => getComputedStyle(avatar).getPropertyValue("--hue"));
    const before = await hue("before");
    await online(false);
    await page.reload();
    await part.field(page).fill("after");
    await part.send(page).click();
    expect(await hue("after")).toBe(before);
    await page.getByRole("heading", { name: "People", exact: true }).waitFor();
  });

  test("a room that was never open accepts messages for later", async () => {
    const person = await pages.person(INSTALLS);
    const { online } = await network(person);
    await isStored(await person.open(pages.freshRoom()));
    await online(false);
    const page = await person.open(pages.freshRoom());
    await part.status(page).getByText(NO_CONNECTION).waitFor();
    await part.field(page).fill("for later");
    await part.send(page).click();
    await part.message(page, "for later").getByText("Waiting for the connection").waitFor();
    await online(true);
    await part.message(page, "for later").getByText("Waiting").waitFor({ state: "detached" });
  });
});

describe("the browser's preferences set", () => {
  const colours = (page: Page): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const LIGHT = "rgb(255, 255, 255)";
  const DARK = "rgb(20, 24, 26)";

  test.each([
    ["zh-TW", "消息"],
    ["en-US", "Messages"],
    ["fr", "Messages"],
  ])("the language: %s", async (locale, name) => {
    const page = await (await pages.person({ locale })).open(pages.freshRoom());
    await page.getByRole("log", { name }).waitFor();
  });

  test("the theme, until the user chooses one", async () => {
    const page = await (await pages.person({ colorScheme: "dark" })).open(pages.freshRoom());
    await part.log(page).waitFor();
    expect(await colours(page)).toBe(DARK);
    await page.emulateMedia({ colorScheme: "light" });
    expect(await colours(page)).toBe(LIGHT);
    await inSettings(page, (settings) => settings.getByLabel("Theme").selectOption("Dark"));
    expect(await colours(page)).toBe(DARK);
    await page.reload();
    expect(await colours(page)).toBe(DARK);
    await page.emulateMedia({ colorScheme: "dark" });
    await inSettings(page, (settings) => settings.getByLabel("Theme").selectOption("Light"));
    await page.reload();
    expect(await colours(page)).toBe(LIGHT);
    await inSettings(page, (settings) => settings.getByLabel("Theme").selectOption("System"));
    expect(await colours(page)).toBe(DARK);
  });

  test.each([
    ["reduce", true],
    ["no-preference", false],
  ] as const)("whether scrolling is animated: %s", async (reducedMotion, atOnce) => {
    const room = pages.freshRoom();
    await post(pages, room, "Bob", LONG);
    const page = await (await pages.person({ reducedMotion })).open(room);
    await part.message(page, "the beginning").waitFor();
    await expect.poll(() => isAtEnd(page)).toBe(true);
    await part.log(page).evaluate((log) => log.scrollTo(0, 0));
    const jump = page.getByRole("button", { name: "Jump to latest" });
    const arrived = await jump.evaluate((button) => {
      if (button instanceof HTMLElement) button.click();
      const log = document.querySelector("[role=log]");
      return log !== null && log.scrollHeight - log.scrollTop - log.clientHeight < 2;
    });
    expect(arrived).toBe(atOnce);
    await expect.poll(() => isAtEnd(page)).toBe(true);
  });

  test.each([
    ["reduce", "1e-05s"],
    ["no-preference", "0.14s"],
  ] as const)("whether dialogs move: %s", async (reducedMotion, duration) => {
    const page = await (await pages.person({ reducedMotion })).open(pages.freshRoom());
    await page.getByRole("button", { name: "Settings" }).click();
    const dialog = part.dialog(page, "Settings");
    expect(await dialog.evaluate((element) => getComputedStyle(element).animationDuration)).toBe(duration);
  });
});
