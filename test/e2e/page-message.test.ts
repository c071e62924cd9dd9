// The content of a message, and its actions with the keyboard alone.
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isStarted, type Pages, part, post, say, select, startPages } from "../helpers/page.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

const hasFocus = (element: Locator): Promise<boolean> =>
  element.evaluate((node) => node === document.activeElement);

/** Returns the message whose accessible name ends with `text`. */
const called = (page: Page, text: string): Locator =>
  page.getByRole("article", { name: new RegExp(`${text}$`) });

describe("a message", () => {
  test("shows its text as elements, with links that send no referrer", async () => {
    const room = pages.freshRoom();
    const text = [
      "**bold** *slanted* ~~gone~~ `code` [named](https://example.com/a) https://example.com/b ftp://example.com",
      "> quoted",
      "- one\n- two",
      "1. first",
    ].join("\n\n");
    await post(pages, room, "Bob", text);
    const page = await (await pages.person()).open(room);
    const message = part.message(page, "bold");
    expect(await message.getByRole("strong").textContent()).toBe("bold");
    expect(await message.getByRole("emphasis").textContent()).toBe("slanted");
    expect(await message.getByRole("deletion").textContent()).toBe("gone");
    expect(await message.getByRole("code").textContent()).toBe("code");
    expect(await message.getByRole("blockquote").textContent()).toBe("quoted");
    expect(await message.getByRole("listitem").allTextContents()).toEqual(["one", "two", "first"]);
    const links = await message.getByRole("link").evaluateAll((all) => {
      const attributes = ["href", "rel", "target"];
      return all.map((link) => attributes.map((name) => link.getAttribute(name)));
    });
    const rel = "noopener noreferrer nofollow";
    expect(links).toEqual([
      ["https://example.com/a", rel, "_blank"],
      ["https://example.com/b", rel, "_blank"],
    ]);
  });

  test("is copied as text, and several with time and author", async () => {
    const room = pages.freshRoom();
    for (const [name, text] of [
      ["Bob", "one *thing*"],
      ["Eve", "two"],
      ["Eve", "three"],
    ] as const)
      await post(pages, room, name, text);
    const person = await pages.person({ permissions: ["clipboard-read", "clipboard-write"] });
    const page = await person.open(room);
    await isStarted(page);
    const copied = async (from: string, to: string): Promise<string> => {
      await called(page, from).evaluate((row) => getSelection()?.setBaseAndExtent(row, 0, row, 1));
      await called(page, to).evaluate((row) => getSelection()?.extend(row, row.childNodes.length));
      await page.keyboard.press("Control+c");
      return page.evaluate(() => navigator.clipboard.readText());
    };
    expect(await copied("one thing", "three")).toMatch(
      /^\[\d\d:\d\d\] Bob: one \*thing\*\n\[\d\d:\d\d\] Eve: two\n\[\d\d:\d\d\] Eve: three$/,
    );
    expect(await copied("two", "two")).toBe("two");
    // A part of a message is copied as it is shown.
    await part
      .log(page)
      .getByText("one")
      .evaluate((text) => getSelection()?.setBaseAndExtent(text, 1, text, 2));
    await called(page, "two").hover();
    await page.keyboard.press("Control+c");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("thing");
  });

  test("opens links to messages of this site in the page", async () => {
    const [here, there] = [pages.freshRoom(), pages.freshRoom()];
    await post(pages, there, "Bob", "over there");
    const address = new URL(`/r/${there}#1`, pages.service.url).href;
    await post(pages, here, "Bob", `see ${address}`);
    const person = await pages.person();
    const page = await person.open(here);
    await isStarted(page);
    await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
    await page.getByRole("link", { name: address }).click();
    await expect.poll(() => hasFocus(called(page, "over there"))).toBe(true);
    expect(page.url()).toBe(address);
    expect(await page.evaluate("globalThis.isSamePage")).toBe(true);
    expect(person.context.pages()).toHaveLength(1);
  });

  test("that is deleted has no toolbar", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await say(page, "to be deleted");
    await select(page, "to be deleted");
    await page.keyboard.press("Delete");
    await part.message(page, "Message deleted").hover();
    await part.message(page, "Message deleted").getByRole("time").first().waitFor();
    expect(await page.getByRole("group", { name: "Message actions" }).count()).toBe(0);
  });

  test("shows single emoji large, and each text in its direction", async () => {
    const room = pages.freshRoom();
    for (const text of ["🎉👍", "words 🎉", "مرحبا"]) await post(pages, room, "Bob", text);
    const page = await (await pages.person()).open(room);
    const style = (text: string, property: string): Promise<string> =>
      part
        .log(page)
        .getByText(text)
        .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
    const size = async (text: string) => Number.parseFloat(await style(text, "font-size"));
    expect(await size("🎉👍")).toBeGreaterThan(2 * (await size("words")));
    expect(await style("مرحبا", "direction")).toBe("rtl");
    expect(await style("words", "direction")).toBe("ltr");
  });

  test("shows emoji as pictures and other symbols as text", async () => {
    const room = pages.freshRoom();
    // The last character of the second and the fourth text selects the presentation of the one before.
    for (const text of ["look: 😂", "look: 😂\u{fe0f}", "look: ©", "look: ©\u{fe0e}"])
      await post(pages, room, "Bob", text);
    const page = await (await pages.person()).open(room);
    const texts = part.log(page).getByText("look:");
    await texts.nth(3).waitFor();
    // Text at a fraction of a pixel is rounded up or down.
    await part.log(page).evaluate((log) => {
      const top = log.querySelector(".message-text")?.getBoundingClientRect().top ?? 0;
      log.style.position = "relative";
      log.style.top = `${Math.ceil(top) - top}px`;
    });
    const pictures = [];
    for (const text of await texts.all()) pictures.push(await text.screenshot());
    expect(pictures[0]?.equals(pictures[1] ?? pictures[0])).toBe(true);
    expect(pictures[2]?.equals(pictures[3] ?? pictures[2])).toBe(true);
  });

  test("shows its author once per group, the day, and the exact time on hover", async () => {
    const room = pages.freshRoom();
    for (const [name, text] of [
      ["Bob", "one"],
      ["Bob", "two"],
      ["Eve", "three"],
    ] as const)
      await post(pages, room, name, text);
    const page = await (await pages.person()).open(room);
    await part.message(page, "three").waitFor();
    const height = async (text: string) => (await part.message(page, text).boundingBox())?.height ?? 0;
    expect(await height("two")).toBeLessThan(await height("one"));
    expect(await height("three")).toBe(await height("one"));
    // Screen readers announce the author of each message.
    await page.getByRole("article", { name: /^Bob.* two$/ }).waitFor();
    await part.log(page).getByText("Today").waitFor();

    const exact = /\d{1,2} \w{3,4} \d{4}, \d{2}:\d{2}:\d{2}/;
    const time = (text: string) => part.message(page, text).getByRole("time");
    await time("one").hover();
    await expect.poll(() => time("one").getAttribute("title")).toMatch(exact);
    // Only the first message of a group always shows its time.
    expect(await time("two").count()).toBe(0);
    await part.message(page, "two").hover();
    await time("two").hover();
    await expect.poll(() => time("two").getAttribute("title")).toMatch(exact);
    await page.mouse.move(0, 0);
    await time("two").waitFor({ state: "detached" });
    await part.message(page, "two").focus();
    await time("two").waitFor();
  });
});

describe("the line of a day", () => {
  const DAY_MS = 86_400_000;

  test.each([
    ["Today", 0],
    ["Yesterday", DAY_MS],
    [/^\p{L}+,? \d+ \p{L}+$/u, 7 * DAY_MS],
    [/^\p{L}+,? \d+ \p{L}+ \d{4}$/u, 366 * DAY_MS],
  ])("shows its name: %s", async (name, later) => {
    const { room, at } = await roomWithMessage();
    const person = await pages.person();
    await person.context.clock.setFixedTime(at + later);
    const page = await person.open(room);
    await part.message(page, "said").waitFor();
    await part.log(page).getByText(name, { exact: true }).waitFor();
  });

  test("changes at midnight", async () => {
    const { room, at } = await roomWithMessage();
    const person = await pages.person();
    // The contexts' time zone is UTC.
    const midnight = (Math.floor(at / DAY_MS) + 1) * DAY_MS;
    await person.context.clock.install({ time: midnight - 3_600_000 });
    const page = await person.open(room);
    const line = (name: string) => part.log(page).getByText(name, { exact: true });
    await line("Today").waitFor();
    await page.clock.fastForward(3_600_000);
    await line("Yesterday").waitFor();
    await page.clock.fastForward(DAY_MS);
    await expect.poll(() => line("Yesterday").count()).toBe(0);
  });

  /** Returns a room with one message, and the time of the message, Unix ms. */
  async function roomWithMessage(): Promise<{ readonly room: string; readonly at: number }> {
    const room = pages.freshRoom();
    await post(pages, room, "Bob", "said");
    const address = new URL(`/api/rooms/${room}/messages`, pages.service.url);
    const { events }: { events: { at: number }[] } = JSON.parse(await (await fetch(address)).text());
    return { room, at: events[0]?.at ?? 0 };
  }
});

describe("with the keyboard alone", () => {
  test("a message is edited, reacted to and copied, and its menu opens", async () => {
    const person = await pages.person({ permissions: ["clipboard-read", "clipboard-write"] });
    const page = await person.open(pages.freshRoom());
    for (const text of ["first", "second", "third"]) await say(page, text);
    await part.log(page).focus();
    await page.keyboard.press("Home");
    expect(await hasFocus(called(page, "first"))).toBe(true);
    await page.keyboard.press("End");
    expect(await hasFocus(called(page, "third"))).toBe(true);
    await page.keyboard.press("ArrowUp");
    expect(await hasFocus(called(page, "second"))).toBe(true);

    await page.keyboard.press("+");
    const picker = part.dialog(page, "Choose an emoji");
    await picker.getByRole("button", { name: "grinning face", exact: true }).first().waitFor();
    await page.keyboard.type("tada");
    await picker.getByRole("button", { name: "party popper" }).waitFor();
    await page.keyboard.press("Enter");
    await called(page, "second").getByRole("button", { name: "you reacted with 🎉" }).waitFor();
    expect(await hasFocus(called(page, "second"))).toBe(true);

    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await page.keyboard.press("c");
    await expect.poll(copied).toBe("second");
    await page.keyboard.press("l");
    await expect.poll(copied).toBe(`${page.url()}#2`);

    await page.keyboard.press("Enter");
    await part.dialog(page, "Message actions").waitFor();
    await page.keyboard.press("Escape");
    await part.dialog(page, "Message actions").waitFor({ state: "detached" });
    expect(await hasFocus(called(page, "second"))).toBe(true);

    await page.keyboard.press("e");
    expect(await hasFocus(part.field(page))).toBe(true);
    expect(await part.field(page).inputValue()).toBe("second");
    await page.keyboard.type(" thoughts");
    await page.keyboard.press("Enter");
    await part.message(page, "second thoughts").getByText("edited").waitFor();
    expect(await hasFocus(part.field(page))).toBe(true);
  });

  test("the button that undoes a deletion is on the baseline of its text", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await say(page, "mistake");
    await part.log(page).focus();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Delete");
    const note = part.log(page).getByText("Message deleted");
    await note.waitFor();
    const baseline = (locator: Locator): Promise<number> =>
      locator.evaluate((element) => {
        const mark = document.createElement("span");
        mark.style.display = "inline-block";
        element.append(mark);
        const { bottom } = mark.getBoundingClientRect();
        mark.remove();
        return bottom;
      });
    expect(await baseline(part.log(page).getByRole("button", { name: "Undo" }))).toBeCloseTo(
      await baseline(note),
      0,
    );
  });

  test("a deletion is undone, and the focus stays on the message", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    for (const text of ["first", "second"]) await say(page, text);
    await part.log(page).focus();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Delete");
    await part.log(page).getByText("Message deleted").waitFor();
    await page.keyboard.press("Tab");
    expect(await hasFocus(part.log(page).getByRole("button", { name: "Undo" }))).toBe(true);
    await page.keyboard.press("Enter");
    await part.message(page, "second").waitFor();
    await expect.poll(() => hasFocus(called(page, "second"))).toBe(true);
    await page.keyboard.press("ArrowUp");
    expect(await hasFocus(called(page, "first"))).toBe(true);
  });

  test("the focus moves to an element nearby when its element is removed", async () => {
    const person = await pages.person();
    const [before, room] = [pages.freshRoom(), pages.freshRoom()];
    const page = await person.open(before);
    await part.status(page).getByText("Connected").waitFor();
    await page.goto(new URL(`/r/${room}`, page.url()).href);
    await isStarted(page);
    await say(page, "nice");
    await called(page, "nice").hover();
    await called(page, "nice").getByRole("button", { name: "React with 👍" }).click();
    const reaction = called(page, "nice").getByRole("button", { name: "you reacted with 👍" });
    await reaction.press("Enter");
    await reaction.waitFor({ state: "detached" });
    await expect.poll(() => hasFocus(called(page, "nice"))).toBe(true);

    const link = page.getByRole("link", { name: before });
    await page.getByRole("button", { name: `Options for ${before}` }).press("Enter");
    await page.getByRole("button", { name: "Remove from the list" }).press("Enter");
    await link.waitFor({ state: "detached" });
    await expect.poll(() => hasFocus(page.getByRole("link", { name: room }))).toBe(true);
  });

  test.each([
    ["Settings", "Settings"],
    ["Open a room", "Open a room"],
    ["Emoji", "Choose an emoji"],
  ])("the dialog of the button %s takes the focus and returns it", async (button, name) => {
    const page = await (await pages.person()).open(pages.freshRoom());
    const opener = page.getByRole("button", { name: button });
    const dialog = part.dialog(page, name);
    const isInside = () => dialog.evaluate((element) => element.contains(document.activeElement));
    for (const close of ["Escape", "beside it"]) {
      await opener.focus();
      await page.keyboard.press("Enter");
      await dialog.waitFor();
      expect(await isInside()).toBe(true);
      if (close === "Escape") await page.keyboard.press("Escape");
      else await page.mouse.click(640, 5);
      await dialog.waitFor({ state: "detached" });
      expect(await hasFocus(opener)).toBe(true);
    }
  });
});
