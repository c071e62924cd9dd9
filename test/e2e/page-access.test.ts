// Accessibility in every state, the keyboard, small screens, languages, missing features of the browser.
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { LOOKS, type Look, PHONE, violations } from "../helpers/looks.ts";
import {
  INSTALLS,
  isStarted,
  type Pages,
  type Person,
  part,
  post,
  say,
  select,
  startPages,
} from "../helpers/page.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

/** Returns a room with every kind of row, and a list of rooms with unread messages. */
async function busyRoom({ options, texts }: Look): Promise<{ page: Page; person: Person }> {
  const room = pages.freshRoom();
  const other = await (await pages.person({ name: "Bob" })).open(room);
  await say(
    other,
    "Hello **all**: `code`, https://example.com and @Ann\n\n- a list\n\n> a quote\n\n```js\nlet x;\n```",
  );
  await say(other, "🎉");
  await say(other, "to be deleted");
  await other.keyboard.press("Control+Home");
  // With explicit permissions, all others are denied: notifications are denied without a prompt.
  const person = await pages.person({
    ...INSTALLS,
    ...options,
    name: "Ann",
    permissions: ["clipboard-read"],
  });
  const visited = pages.freshRoom();
  await post(pages, visited, "Bob", "read");
  const before = await person.open(visited);
  await before.getByRole("log").getByText("read").waitFor();
  await before.close();
  await post(pages, visited, "Bob", "not read");
  const page = await person.open(room);
  await page.getByRole("log").getByText("to be deleted").waitFor();
  const field = page.getByRole("textbox", { name: texts.message, exact: true });
  await field.fill("an answer");
  await page.getByRole("button", { name: texts.send, exact: true }).click();
  await part.message(other, "an answer").waitFor();
  await select(other, "an answer");
  await other.keyboard.press("r");
  await say(other, "a reply");
  await select(other, "to be deleted");
  await other.keyboard.press("Delete");
  await part.message(other, "a reply").hover();
  await part.message(other, "a reply").getByRole("button", { name: "React with 👍" }).click();
  await page.getByRole("button", { name: "👍" }).waitFor();
  await part.field(other).pressSequentially("typing");
  return { page, person };
}

/** Checks the dialog with the title `name` after `ready`, and closes it. */
async function checkDialog(
  page: Page,
  name: string,
  ready: (dialog: Locator) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const dialog = part.dialog(page, name);
  await dialog.waitFor();
  await ready(dialog);
  // The page behind the dialog is checked elsewhere.
  expect(await violations(page, dialog), `the dialog ${name}`).toEqual([]);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
}

describe("axe-core finds nothing", () => {
  test.each(LOOKS)("in an empty room: $name", async ({ options, texts }) => {
    const page = await (await pages.person(options)).open(pages.freshRoom());
    await part.status(page).getByText(texts.online).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test.each(LOOKS)("in a busy room, with each dialog: $name", async (look) => {
    const { page, person } = await busyRoom(look);
    const { texts, options } = look;
    const onPhone = options.isMobile === true;
    expect(await violations(page), "the room").toEqual([]);
    const answer = page.getByRole("article", { name: / an answer$/ });
    /** Presses a key on the message until its dialog is open: the dialog before it may still take the focus back. */
    const press = async (key: string, name: string): Promise<void> => {
      await expect
        .poll(
          async () => {
            if (await part.dialog(page, name).isVisible()) return true;
            await answer.focus();
            await page.keyboard.press(key);
            return false;
          },
          { interval: 1_000 },
        )
        .toBe(true);
    };
    await select(page, "an answer");
    expect(await violations(page), "a message in focus").toEqual([]);
    await press("Enter", texts.messageActions);
    await checkDialog(page, texts.messageActions);
    await press("+", texts.pickEmoji);
    await checkDialog(page, texts.pickEmoji, async (picker) => {
      await picker.getByRole("textbox", { name: texts.searchEmoji }).fill("cat");
      await picker.getByText("🐱", { exact: true }).waitFor();
    });
    await press("?", texts.keyboardHelp);
    await checkDialog(page, texts.keyboardHelp);
    await press("p", texts.about("Ann"));
    await checkDialog(page, texts.about("Ann"));
    await press("p", texts.about("Ann"));
    await page.getByRole("button", { name: texts.showMessages }).click();
    await checkDialog(page, texts.messagesBy("Ann"));
    await press("Control+k", texts.switchRoom);
    await checkDialog(page, texts.switchRoom, (switcher) =>
      switcher.getByRole("combobox", { name: texts.findRoom }).fill("room"),
    );

    // On a phone, the list of rooms is itself in a dialog.
    const openRooms = async (): Promise<void> => {
      if (onPhone) await page.getByRole("button", { name: new RegExp(`^${texts.rooms}`) }).tap();
    };
    await openRooms();
    await page.getByRole("link", { name: texts.unreadIn("1") }).waitFor();
    if (onPhone) await checkDialog(page, texts.rooms);
    else expect(await violations(page), "the list of rooms").toEqual([]);
    await openRooms();
    await page.getByRole("button", { name: texts.settings }).click();
    await checkDialog(page, texts.settings, async (settings) => {
      await settings.getByLabel(texts.notifications).selectOption(texts.notifyAll);
      await settings.getByRole("alert").waitFor();
    });
    await openRooms();
    await page.getByRole("button", { name: texts.openRoom }).click();
    await checkDialog(page, texts.openRoom, async (form) => {
      await form.getByRole("textbox", { name: texts.roomName }).fill("a/b");
      await form.getByRole("button", { name: texts.open, exact: true }).click();
      await form.getByRole("textbox", { name: texts.roomName, description: texts.badRoomName }).waitFor();
    });
    if (onPhone) {
      await page.getByRole("button", { name: texts.onlineCount(2) }).tap();
      await checkDialog(page, texts.onlineCount(2), (people) =>
        people.getByRole("list", { name: texts.people }).waitFor(),
      );
    }

    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await person.context.setOffline(true);
    await page.reload().catch(() => undefined);
    await page.getByRole("article", { name: / an answer$/ }).waitFor();
    expect(await violations(page), "without a network").toEqual([]);
  });

  test("on the page of an invalid address", async () => {
    const person = await pages.person();
    const page = await person.context.newPage();
    await page.goto(new URL("/r/a%20b", pages.service.url).href);
    await page.getByRole("heading", { name: "There is no room at this address" }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(person.wrongs).toEqual([]);
  });
});

describe("the page", () => {
  test("says without JavaScript what it needs", async () => {
    const page = await (await pages.person({ javaScriptEnabled: false })).open(pages.freshRoom());
    await page.getByRole("heading", { name: "This chat needs JavaScript" }).waitFor();
  });

  test("says without WebSocket what it needs", async () => {
    const person = await pages.person();
    await person.context.addInitScript(() => Reflect.deleteProperty(globalThis, "WebSocket"));
    const page = await person.open(pages.freshRoom());
    await page.getByText("This chat needs WebSockets").waitFor();
  });

  test("shows times for a language tag that Intl does not accept", async () => {
    const person = await pages.person();
    await person.context.addInitScript(() =>
      Object.defineProperty(navigator, "languages", { value: ["en-US@posix"] }),
    );
    const page = await person.open(pages.freshRoom());
    await say(page, "hello");
    await part.log(page).getByText("Today").waitFor();
    await part.message(page, "hello").getByRole("time").first().waitFor();
    expect(person.wrongs).toEqual([]);
  });

  test("can be used with the keyboard alone", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await isStarted(page);
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
    const isFieldFocused = () => part.field(page).evaluate((field) => field === document.activeElement);
    await expect.poll(isFieldFocused).toBe(true);
  });

  test("keeps the chosen language and theme", async () => {
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

  test("fits a screen of 320 pixels and requests nothing from other hosts", async () => {
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
