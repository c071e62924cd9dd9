// The user's identity: its place in the page, its way to a second device, and the request for a name.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DEVICE_TEXTS } from "../../src/page/i18n/device.ts";
import { en } from "../../src/page/i18n/en.ts";
import { LOOKS, PHONE, violations } from "../helpers/looks.ts";
import { openIdentity, type Pages, type Person, part, say, setName, startPages } from "../helpers/page.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

describe("the identity", () => {
  test("is at the foot of the list of rooms, with name and id", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    const identity = page.getByRole("navigation").getByRole("button", { name: /^Your identity/ });
    await identity.filter({ hasText: /guest-[a-z2-7]{4}.*Choose a name/ }).waitFor();
    await setName(page, "Ann");
    await identity.filter({ hasText: /Ann #[a-z2-7]{4}$/ }).waitFor();
  });

  test("is in the sheet of rooms on a phone", async () => {
    const page = await (await pages.person(PHONE)).open(pages.freshRoom());
    await setName(page, "Ann");
    await page.getByRole("button", { name: "Rooms" }).tap();
    await part.dialog(page, "Rooms").getByRole("button", { name: "Your identity: Ann" }).waitFor();
  });

  test("changes its name with the keyboard alone", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await page.getByRole("button", { name: /^Your identity/ }).focus();
    await page.keyboard.press("Enter");
    await part.dialog(page, "Your identity").waitFor();
    await page.keyboard.press("Enter");
    await part.dialog(page, "Change name").waitFor();
    await page.keyboard.type("Ann");
    await page.keyboard.press("Enter");
    await part.people(page).getByText("Ann").waitFor();
  });

  test.each(LOOKS)("has dialogs without a violation for axe-core: $name", async ({ options, texts }) => {
    const page = await (await pages.person(options)).open(pages.freshRoom());
    expect(await violations(page, await openIdentity(page, texts.changeName, texts))).toEqual([]);
  });
});

describe("an identity on a second device", () => {
  /** Returns the link of a person called Ann who has written "From the first device" in the room. */
  async function offer(room: string, person: Person): Promise<{ first: Page; link: string }> {
    const first = await person.open(room);
    await setName(first, "Ann");
    await say(first, "From the first device");
    const dialog = await openIdentity(first, "Use on another device");
    await dialog.getByRole("img", { name: "QR code with your identity" }).waitFor();
    const link = await dialog.getByRole("textbox", { name: "Link with your identity" }).inputValue();
    await first.keyboard.press("Escape");
    return { first, link };
  }

  const title = (page: Page) => page.getByRole("heading", { name: DEVICE_TEXTS.en.adoptTitle });
  const own = (page: Page, text: string) => part.message(page, text).getByText("you", { exact: true });

  /** Opens `link` in a new tab of `person`, and returns the requested URLs too. */
  async function openLink(person: Person, link: string): Promise<{ page: Page; urls: string[] }> {
    const urls: string[] = [];
    const page = await person.context.newPage();
    page.on("request", (request) => urls.push(request.url()));
    page.on("websocket", (socket) => urls.push(socket.url()));
    await page.goto(link);
    return { page, urls };
  }

  test("takes effect after it is confirmed there", async () => {
    const room = pages.freshRoom();
    const { link } = await offer(room, await pages.person());
    expect(link).toMatch(/#key=[a-z2-7]{26}&name=Ann$/);
    const { page, urls } = await openLink(await pages.person(), link);
    await title(page).waitFor();
    expect(page.url()).toBe(link.slice(0, link.indexOf("#")));
    expect(urls.some((url) => url.startsWith("ws:"))).toBe(false);
    await page.getByText("You will write as Ann on this device.").waitFor();
    await page.getByRole("button", { name: "Use it here" }).click();
    await own(page, "From the first device").waitFor();
    await page.getByRole("button", { name: /^Your identity: Ann/ }).waitFor();
    expect(await part.people(page).getByRole("listitem").count()).toBe(1);
    const [, key = ""] = /#key=(\w+)/.exec(link) ?? [];
    // Playwright reports the address of a page with its fragment, which the browser does not send.
    expect(urls.slice(1).filter((url) => url.includes(key))).toEqual([]);
  });

  test("is not taken if the user declines", async () => {
    const room = pages.freshRoom();
    const { link } = await offer(room, await pages.person());
    const { page } = await openLink(await pages.person(), link);
    await page.getByRole("button", { name: "Cancel" }).click();
    await part.people(page).getByText("you", { exact: true }).waitFor();
    await expect.poll(() => part.people(page).getByRole("listitem").count()).toBe(2);
    expect(await own(page, "From the first device").count()).toBe(0);
    await page.reload();
    await part.message(page, "From the first device").waitFor();
    expect(await title(page).count()).toBe(0);
  });

  test("replaces the one of all open tabs", async () => {
    const room = pages.freshRoom();
    const { link } = await offer(room, await pages.person());
    const second = await pages.person();
    const [page, other] = [await second.open(room), await second.open(room)];
    for (const tab of [page, other]) {
      await part.message(tab, "From the first device").waitFor();
      expect(await own(tab, "From the first device").count()).toBe(0);
    }
    // A link to the open page does not load it again.
    await page.evaluate((href) => location.assign(href), link);
    await page.getByText(DEVICE_TEXTS.en.adoptReplaces).waitFor();
    expect(page.url()).toBe(link.slice(0, link.indexOf("#")));
    await page.getByRole("button", { name: "Use it here" }).click();
    for (const tab of [page, other]) await own(tab, "From the first device").waitFor();
  });

  test("is not asked about if the link is of this browser, or invalid", async () => {
    const room = pages.freshRoom();
    const person = await pages.person();
    const { link } = await offer(room, person);
    for (const address of [link, link.replace(/key=\w{8}/, "key=!")]) {
      const { page } = await openLink(person, address);
      await own(page, "From the first device").waitFor();
      expect(await title(page).count()).toBe(0);
      expect(page.url()).toBe(link.slice(0, link.indexOf("#")));
    }
  });

  test.each(LOOKS)("is offered and taken without a violation for axe-core: $name", async (look) => {
    const { options, texts } = look;
    const { adopt, deviceQrCode } = DEVICE_TEXTS[texts === en ? "en" : "zh"];
    const person = await pages.person(options);
    const page = await person.open(pages.freshRoom());
    const dialog = await openIdentity(page, texts.useOnDevice, texts);
    await dialog.getByRole("img", { name: deviceQrCode }).waitFor();
    expect(await violations(page, dialog), "the dialog").toEqual([]);
    const link = `${page.url()}#key=${"a".repeat(26)}&name=Ann`;
    const asked = await openLink(person, link);
    await asked.page.getByRole("button", { name: adopt }).waitFor();
    expect(await violations(asked.page), "the question").toEqual([]);
  });
});

describe("the first message", () => {
  const prompt = "You are writing as guest-";

  test("is sent under a guest name, and asks for a name that it suggests", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await say(page, "First words");
    await page.getByText(prompt).waitFor();
    // The next message is not blocked, nor does the question take the focus.
    await page.keyboard.type("Second words");
    await page.keyboard.press("Enter");
    await part.message(page, "Second words").waitFor();
    const suggested = await part.name(page).inputValue();
    expect(suggested).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText(prompt).waitFor({ state: "detached" });
    await part.people(page).getByText(suggested).waitFor();
  });

  test("asks only once", async () => {
    const person = await pages.person();
    const page = await person.open(pages.freshRoom());
    await say(page, "First words");
    await page.getByText(prompt).waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByText(prompt).waitFor({ state: "detached" });
    expect(await part.field(page).evaluate((field) => field === document.activeElement)).toBe(true);
    await say(page, "Second words");
    expect(await page.getByText(prompt).count()).toBe(0);
    const other = await person.open(pages.freshRoom());
    await say(other, "Third words");
    expect(await other.getByText(prompt).count()).toBe(0);
  });

  test("asks for no name if there is one", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await setName(page, "Ann");
    await say(page, "First words");
    expect(await page.getByText(prompt).count()).toBe(0);
  });

  test.each(LOOKS)("asks without a violation for axe-core: $name", async ({ options, texts }) => {
    const page = await (await pages.person(options)).open(pages.freshRoom());
    await page.getByRole("textbox", { name: texts.message, exact: true }).fill("First words");
    await page.getByRole("button", { name: texts.send, exact: true }).click();
    await page.getByRole("textbox", { name: texts.yourName }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  });
});
