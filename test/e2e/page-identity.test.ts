// The user's identity: its place in the page, and the request for a name after the first message.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { LOOKS, PHONE, violations } from "../helpers/looks.ts";
import { openIdentity, type Pages, part, say, setName, startPages } from "../helpers/page.ts";

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
