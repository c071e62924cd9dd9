// People: the card of a person, hidden people, and acting on messages with the mouse and by touch.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Pages, part, post, postLines, select, setName, startPages } from "../helpers/page.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

/** A page of Ann in a fresh room, where Bob has written `texts`. */
async function annAndBob(...texts: string[]): Promise<{ room: string; page: Page }> {
  const room = pages.freshRoom();
  const person = await pages.person({ permissions: ["clipboard-read", "clipboard-write"] });
  const page = await person.open(room);
  await setName(page, "Ann");
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
    await postLines(pages, room, 1, 120);
    await post(pages, room, "Bob", "from the end");
    const page = await (await pages.person()).open(room);
    await part.message(page, "from the end").getByRole("button", { name: "Bob" }).click();
    await card(page, "Bob").getByRole("button", { name: "Show messages" }).click();
    const dialog = part.dialog(page, "Messages by Bob");
    await dialog.getByRole("button", { name: /from the end$/ }).waitFor();
    expect(await dialog.getByText("line 120").count()).toBe(0);
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
