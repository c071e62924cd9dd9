// People: the card of a person, hidden people, and acting on messages with the mouse and by touch.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Pages, part, post, postLines, say, select, startPages } from "../helpers/page.ts";
import { unlimitedService } from "../helpers/shared-services.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages(unlimitedService);
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

/** A page of Ann in a fresh room, where Bob has written `texts`. */
async function annAndBob(...texts: string[]): Promise<{ room: string; page: Page }> {
  const room = pages.freshRoom();
  const permissions = ["clipboard-read", "clipboard-write"];
  const person = await pages.person({ name: "Ann", permissions });
  const page = await person.open(room);
  await part.people(page).getByText("Ann").waitFor();
  for (const text of texts) await post(pages, room, "Bob", text);
  const last = texts.at(-1);
  if (last !== undefined) await part.message(page, last).waitFor();
  return { room, page };
}

const card = (page: Page, name: string) => part.dialog(page, `About ${name}`);

describe("the card of a person", () => {
  test("opens at the name and at the avatar, and mentions the person", async () => {
    const { page } = await annAndBob("hello");
    await part.message(page, "hello").getByRole("button", { name: "Bob" }).click();
    await card(page, "Bob").getByText("Not in the room now").waitFor();
    await page.keyboard.press("Escape");
    await part.message(page, "hello").locator(".avatar").click();
    await card(page, "Bob").getByRole("button", { name: "Mention" }).click();
    await expect.poll(() => part.field(page).inputValue()).toBe("@Bob ");
    await page.keyboard.type("hi");
    expect(await part.field(page).inputValue()).toBe("@Bob hi");
  });

  test("opens with the keyboard, and copies the id", async () => {
    const { page } = await annAndBob("hello");
    await select(page, "hello");
    await page.keyboard.press("p");
    await card(page, "Bob").waitFor();
    const id = await card(page, "Bob").locator(".person-id").textContent();
    await card(page, "Bob").getByRole("button", { name: "Copy ID" }).press("Enter");
    await page.getByText("ID copied").waitFor();
    expect(id).toMatch(/^[a-z2-7]{10,}$/);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(id);
  });

  test("opens in the list of people, without a mention of oneself", async () => {
    const { page } = await annAndBob();
    await part.people(page).getByRole("button", { name: "Ann you" }).click();
    await card(page, "Ann").getByText("In the room now").waitFor();
    await card(page, "Ann").getByRole("button", { name: "Show messages" }).waitFor();
    expect(await card(page, "Ann").getByRole("button", { name: "Mention" }).count()).toBe(0);
    expect(await card(page, "Ann").getByRole("button", { name: /Hide/ }).count()).toBe(0);
  });

  test("shows the person's messages, which lead to the timeline, also those that are not loaded", async () => {
    const room = pages.freshRoom();
    await post(pages, room, "Bob", "from the beginning");
    await postLines(pages, room, 1, 60);
    await post(pages, room, "Bob", "from the end");
    const page = await (await pages.person()).open(room);
    await part.message(page, "from the end").getByRole("button", { name: "Bob" }).click();
    await card(page, "Bob").getByRole("button", { name: "Show messages" }).click();
    const dialog = part.dialog(page, "Messages by Bob");
    await dialog.getByRole("button", { name: /from the end$/ }).waitFor();
    expect(await dialog.getByText("line 60").count()).toBe(0);
    const oldest = dialog.getByRole("button", { name: /from the beginning$/ });
    while ((await oldest.count()) === 0) {
      await dialog.getByRole("button", { name: "Search earlier messages" }).click();
      await dialog.getByRole("button", { name: "Loading…" }).waitFor({ state: "detached" });
    }
    await oldest.click();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent ?? ""))
      .toContain("from the beginning");
  });

  test("hides the person's messages after a reload too, and shows them again", async () => {
    const { room, page } = await annAndBob("spam");
    await part.message(page, "spam").getByRole("button", { name: "Bob" }).click();
    await card(page, "Bob").getByRole("button", { name: "Hide on this device" }).click();
    await part.log(page).getByText("Hidden message").waitFor();
    await post(pages, room, "Bob", "@Ann more of it");
    await part.log(page).getByText("Hidden message").nth(1).waitFor();
    await page.reload();
    await part.log(page).getByText("Hidden message").nth(1).waitFor();
    expect(await page.getByText("spam").count()).toBe(0);
    expect(await page.getByText("more of it").count()).toBe(0);
    await part.log(page).getByRole("button", { name: "Show" }).nth(1).click();
    await part.message(page, "more of it").waitFor();
    expect(await page.getByText("spam").count()).toBe(0);
    await part.log(page).getByRole("button", { name: "Bob" }).click();
    await card(page, "Bob").getByRole("button", { name: "Show again on this device" }).click();
    await part.message(page, "spam").waitFor();
  });
});

describe("with the mouse", () => {
  test("the toolbar has the most frequent reactions, all emoji, and editing of own messages", async () => {
    const { page } = await annAndBob("hello", "bye");
    const toolbar = (text: string) =>
      part.message(page, text).getByRole("group", { name: "Message actions" });
    const reactions = async (text: string) => {
      await part.message(page, text).hover();
      const buttons = toolbar(text).getByRole("button", { name: /^React with/ });
      await buttons.first().waitFor();
      return buttons.allTextContents();
    };
    expect(await reactions("hello")).toEqual(["👍", "❤️", "😂"]);
    await toolbar("hello").getByRole("button", { name: "React", exact: true }).click();
    const picker = part.dialog(page, "Choose an emoji");
    await picker.getByRole("textbox").fill("cat face");
    await picker.getByText("🐱", { exact: true }).click();
    await part.message(page, "hello").getByRole("button", { name: "you reacted with 🐱" }).waitFor();
    expect(await reactions("bye")).toEqual(["🐱", "👍", "❤️"]);
    expect(await toolbar("bye").getByRole("button", { name: "Edit" }).count()).toBe(0);
    await say(page, "Helo");
    await part.message(page, "Helo").hover();
    await toolbar("Helo").getByRole("button", { name: "Edit" }).click();
    expect(await part.field(page).inputValue()).toBe("Helo");
  });

  test("a double click replies, except on a word, which it selects", async () => {
    const { page } = await annAndBob("hello world");
    const text = part.message(page, "hello world").locator(".message-text p");
    await text.dblclick({ position: { x: 10, y: 10 } });
    expect(await page.evaluate(() => String(getSelection()).trim())).toBe("hello");
    expect(await page.getByText("Replying to").count()).toBe(0);
    await text.dblclick({ position: { x: 400, y: 10 } });
    await page.getByText("Replying to Bob").waitFor();
    expect(await page.evaluate(() => String(getSelection()))).toBe("");
  });

  test("a right click opens the menu of the message, with Shift that of the browser", async () => {
    const { page } = await annAndBob("hello");
    const menu = part.dialog(page, "Message actions");
    await page.evaluate(() => {
      addEventListener("contextmenu", (event) => {
        document.body.dataset.own = String(event.defaultPrevented);
        event.preventDefault();
      });
    });
    const own = () => page.evaluate(() => document.body.dataset.own);
    const message = part.message(page, "hello");
    await message.click({ button: "right", modifiers: ["Shift"], position: { x: 300, y: 20 } });
    await expect.poll(own).toBe("false");
    expect(await menu.count()).toBe(0);
    await message.click({ button: "right", position: { x: 300, y: 20 } });
    await menu.waitFor();
    expect(await own()).toBe("true");
    const [box, row] = [await menu.boundingBox(), await message.boundingBox()];
    expect(box?.x).toBeCloseTo((row?.x ?? 0) + 300, -1);
    await menu.getByRole("button", { name: /^Reply/ }).click();
    await page.getByText("Replying to Bob").waitFor();
  });

  test("a reaction shows who reacted while the pointer rests on it", async () => {
    const { page } = await annAndBob("hello");
    await part.message(page, "hello").hover();
    await part.message(page, "hello").getByRole("button", { name: "React with 👍" }).click();
    const reaction = part.message(page, "hello").getByRole("button", { name: "you reacted with 👍" });
    await reaction.hover();
    await page.locator(".reaction-tip").filter({ hasText: "👍you" }).waitFor();
    await page.mouse.move(0, 0);
    await page.locator(".reaction-tip").waitFor({ state: "detached" });
  });
});

describe("on a touch screen", () => {
  /** Returns a phone's page with a message "hello" of Bob, and a function that moves a finger. */
  async function touched() {
    const room = pages.freshRoom();
    const phone = { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true };
    const page = await (await pages.person({ ...phone, name: "Ann" })).open(room);
    await post(pages, room, "Bob", "hello");
    await part.message(page, "hello").waitFor();
    const session = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", x = 0, y = 0) =>
      session.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] });
    return { page, touch };
  }

  test("a swipe replies, and a short one does not", async () => {
    const { page, touch } = await touched();
    const box = await part.message(page, "hello").boundingBox();
    if (box === null) throw new Error("the message is not on the screen");
    const y = box.y + box.height / 2;
    const swipe = async (distance: number): Promise<void> => {
      await touch("touchStart", 200, y);
      for (let moved = 0; moved <= distance; moved += 10) await touch("touchMove", 200 - moved, y);
      await touch("touchEnd");
    };
    await swipe(40);
    await expect
      .poll(() => part.message(page, "hello").evaluate((row) => row.getAttribute("style") ?? ""))
      .toBe("");
    expect(await page.getByText("Replying to").count()).toBe(0);
    await swipe(80);
    await page.getByText("Replying to Bob").waitFor();
  });

  test("a held reaction shows who reacted, and is not changed", async () => {
    const { page, touch } = await touched();
    const message = part.message(page, "hello");
    const actions = part.dialog(page, "Message actions");
    // The keys of messages are loaded after the first messages are drawn.
    await expect
      .poll(async () => {
        if (await actions.isVisible()) return true;
        await message.focus();
        await page.keyboard.press("Enter");
        return false;
      })
      .toBe(true);
    await actions.getByRole("button", { name: "React with 👍" }).click();
    const reaction = message.getByRole("button", { name: "you reacted with 👍" });
    await reaction.waitFor();
    const box = await reaction.boundingBox();
    if (box === null) throw new Error("the reaction is not on the screen");
    await touch("touchStart", box.x + 10, box.y + 10);
    await page.locator(".reaction-tip").filter({ hasText: "you" }).waitFor();
    await touch("touchEnd");
    await page.locator(".reaction-tip").waitFor({ state: "detached" });
    expect(await reaction.getAttribute("aria-pressed")).toBe("true");
    await reaction.tap();
    await reaction.waitFor({ state: "detached" });
  });
});
