// Entering rooms with owners: creating one, the owner link, passwords, waiting, and the screens of people outside.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { newOwnerSecret, newPassword } from "../../src/client/secrets.ts";
import { en } from "../../src/page/i18n/en.ts";
import { ENTRY_TEXTS } from "../../src/page/i18n/entry.ts";
import { zh } from "../../src/page/i18n/zh.ts";
import { LOOKS, violations } from "../helpers/looks.ts";
import {
  createRoom,
  isStarted,
  type Pages,
  type Person,
  part,
  post,
  say,
  startPages,
} from "../helpers/page.ts";
import { ownRoom } from "../helpers/room-owner.ts";

const texts = ENTRY_TEXTS.en;

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

const own = (room: string, claim?: Parameters<typeof ownRoom>[2]) => ownRoom(pages.service, room, claim);
const screen = (page: Page, title: string) => page.getByRole("heading", { level: 2, name: title });
const heading = (page: Page, title: string) => page.getByRole("heading", { level: 1, name: title });
const ownerLinkOf = (room: string, secret: string) =>
  new URL(`/r/${room}#owner=${secret}`, pages.service.url).href;

/** Returns every address that the pages of `person` request from now on. */
function requested({ context }: Person): string[] {
  const addresses: string[] = [];
  context.on("request", (request) => {
    addresses.push(request.url(), request.headers().referer ?? "", request.postData() ?? "");
  });
  context.on("page", (page) => page.on("websocket", (socket) => addresses.push(socket.url())));
  return addresses;
}

async function enterPassword(page: Page, password: string): Promise<void> {
  await page.getByLabel(texts.password).fill(password);
  await page.getByRole("button", { name: texts.enter, exact: true }).click();
}

describe("a new room", () => {
  test("is created by keyboard with a title and with knocking, and its creator owns it", async () => {
    const person = await pages.person();
    const page = await person.open(pages.freshRoom());
    await isStarted(page);
    const dialog = part.dialog(page, en.newRoom);
    await page.getByRole("button", { name: en.newRoom }).focus();
    await page.keyboard.press("Enter");
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: en.newRoom }).press("Enter");
    await dialog.waitFor();
    await page.keyboard.type("Garden club");
    await dialog.getByRole("radio", { name: texts.entry.knock }).check();
    expect(await dialog.getByLabel(en.roomName).inputValue()).toMatch(/^p-[a-z2-7]{26}$/);
    await dialog.getByLabel(texts.title).press("Enter");
    await page.waitForURL(/\/r\/p-[a-z2-7]{26}$/);
    await heading(page, "Garden club").waitFor();
    const card = page.getByRole("region", { name: "Garden club" });
    await card.getByText(texts.invitation.knock).waitFor();
    const link = await card.getByRole("textbox", { name: texts.ownerLink }).inputValue();
    expect(link).toMatch(new RegExp(`^${page.url()}#owner=[A-Za-z0-9_-]{43}$`));
    expect(await card.getByRole("textbox", { name: en.linkToRoom }).inputValue()).toBe(page.url());
    await page.getByRole("list", { name: en.rooms }).getByRole("link", { name: "Garden club" }).waitFor();
    await expect.poll(() => page.title()).toBe("Garden club · edge-chat");
    const other = await (await pages.person()).context.newPage();
    await other.goto(page.url());
    await screen(other, texts.waiting).waitFor();
    await heading(other, "Garden club").waitFor();
    expect(person.wrongs).toEqual([]);
  });

  test("saves its owner link in a file, and shows it again from its menu", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await createRoom(page, (dialog) => dialog.getByLabel(texts.title).fill("Keepers"));
    const link = await page.getByRole("textbox", { name: texts.ownerLink }).inputValue();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: texts.saveOwnerLink }).click(),
    ]);
    const chunks = await (await file.createReadStream()).toArray();
    expect(Buffer.concat(chunks).toString()).toContain(link);
    await say(page, "no card any more");
    await page.getByRole("button", { name: "Options for Keepers" }).click();
    await page.getByRole("button", { name: texts.ownerLink }).click();
    const dialog = part.dialog(page, texts.ownerLink);
    expect(await dialog.getByRole("textbox", { name: texts.ownerLink }).inputValue()).toBe(link);
  });

  test("needs another name if the name is taken", async () => {
    const taken = pages.freshRoom();
    await post(pages, taken, "Bob", "I was here first");
    const page = await (await pages.person()).open(pages.freshRoom());
    await page.getByRole("button", { name: en.newRoom }).click();
    const dialog = part.dialog(page, en.newRoom);
    await dialog.getByLabel(en.roomName).fill(taken);
    await page.keyboard.press("Enter");
    await dialog.getByText(texts.taken(taken)).waitFor();
    // Somebody else can take a name between the check and the claim.
    const late = pages.freshRoom();
    await own(late);
    const unused = { seq: 0, entry: "open", locked: false, closed: false };
    await page.route(`**/api/rooms/${late}`, (route) => route.fulfill({ json: unused }));
    await dialog.getByLabel(en.roomName).fill(late);
    await page.keyboard.press("Enter");
    await dialog.getByText(texts.taken(late)).waitFor();
    const free = pages.freshRoom();
    await dialog.getByLabel(en.roomName).fill(free);
    await page.keyboard.press("Enter");
    await page.waitForURL(new RegExp(`/r/${free}$`));
    await page.getByRole("textbox", { name: texts.ownerLink }).waitFor();
  });
});

describe("an owner link", () => {
  test("makes another device an owner, and leaves the address bar and every request without the secret", async () => {
    const room = pages.freshRoom();
    const { secret } = await own(room, { entry: "knock" });
    const person = await pages.person({ permissions: ["clipboard-read", "clipboard-write"] });
    const addresses = requested(person);
    const page = await person.context.newPage();
    await page.goto(ownerLinkOf(room, secret));
    await page.getByText(texts.isOwner).waitFor();
    expect(page.url()).toBe(new URL(`/r/${room}`, pages.service.url).href);
    await page.getByRole("button", { name: en.invite }).click();
    await page.getByText(en.linkCopied).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
    await page.reload();
    await isStarted(page);
    await page.getByRole("textbox", { name: texts.ownerLink }).waitFor();
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.filter((address) => address.includes(secret))).toEqual([]);
    expect(person.wrongs).toEqual([]);
  });

  test("works in a tab that shows the room already", async () => {
    const room = pages.freshRoom();
    const { secret } = await own(room);
    const page = await (await pages.person()).open(room);
    await isStarted(page);
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#owner=${secret}`);
    await page.getByText(texts.isOwner).waitFor();
    expect(page.url()).toBe(new URL(`/r/${room}`, pages.service.url).href);
  });

  test("that was replaced is told, and does not replace one that works", async () => {
    const room = pages.freshRoom();
    const owner = await own(room);
    await owner.act({ type: "owner", secret: newOwnerSecret() });
    const page = await (await pages.person()).context.newPage();
    await page.goto(ownerLinkOf(room, owner.secret));
    await page.getByText(texts.ownerLinkInvalid).waitFor();
    await createRoom(page);
    const field = page.getByRole("textbox", { name: texts.ownerLink });
    const link = await field.inputValue();
    await page.goto(link.replace(/.{43}$/, "x".repeat(43)));
    await page.goto(page.url());
    expect(await field.inputValue()).toBe(link);
  });
});

test("a password lets in whoever knows it, is remembered, and is asked for again after it was changed", async () => {
  const room = pages.freshRoom();
  const owner = await own(room, {
    title: "Secrets",
    entry: "password",
    newPassword: await newPassword("open sesame"),
  });
  await owner.act({ type: "send", text: "for members only" });
  const page = await (await pages.person()).open(room);
  await screen(page, texts.passwordNeeded).waitFor();
  await heading(page, "Secrets").waitFor();
  expect(await part.field(page).count()).toBe(0);
  await enterPassword(page, "open barley");
  await page.getByText(texts.passwordWrong).waitFor();
  await enterPassword(page, "open sesame");
  await part.message(page, "for members only").waitFor();
  await page.reload();
  await part.status(page).filter({ hasText: "Connected" }).waitFor();
  await part.message(page, "for members only").waitFor();
  await owner.act({ type: "settings", newPassword: await newPassword("open rye") });
  // Whoever is in the room stays in it.
  await owner.act({ type: "remove", member: (await owner.guest()).user });
  await screen(page, texts.removed).waitFor();
  await page.reload();
  await page.getByText(texts.passwordChanged).waitFor();
  expect(await page.getByText("for members only").count()).toBe(0);
  await enterPassword(page, "open rye");
  await part.message(page, "for members only").waitFor();
});

describe("a person who must be let in", () => {
  test("waits under the chosen name, and reads and writes once let in", async () => {
    const room = pages.freshRoom();
    const owner = await own(room, { entry: "knock" });
    const page = await (await pages.person()).open(room);
    await page.getByRole("status").getByText(texts.waiting).waitFor();
    expect((await owner.knock()).name).toMatch(/^guest-/);
    await part.name(page).fill("Ann");
    await part.name(page).press("Enter");
    await page.getByText(texts.askedAs("Ann")).waitFor();
    let asks = await owner.knock();
    while (asks.name !== "Ann") asks = await owner.knock();
    expect(await part.log(page).count()).toBe(0);
    await owner.act({ type: "admit", member: asks.user, on: true });
    await page.getByText(texts.letIn).waitFor();
    await say(page, "thank you");
    await page.reload();
    await part.message(page, "thank you").waitFor();
  });

  test("is told not to be let in, and can ask again", async () => {
    const room = pages.freshRoom();
    const owner = await own(room, { entry: "knock" });
    const page = await (await pages.person()).open(room);
    await owner.act({ type: "admit", member: (await owner.knock()).user, on: false });
    await screen(page, texts.notAdmitted).waitFor();
    await page.getByRole("button", { name: texts.askAgain }).click();
    await screen(page, texts.waiting).waitFor();
  });
});

describe("a person outside", () => {
  test("who was removed reads why, and can enter again", async () => {
    const room = pages.freshRoom();
    const owner = await own(room);
    const page = await (await pages.person()).open(room);
    const { user } = await owner.guest();
    await owner.act({ type: "remove", member: user, reason: "off topic" });
    await screen(page, texts.removed).waitFor();
    await page.getByText("off topic").waitFor();
    expect(await part.field(page).count()).toBe(0);
    await page.getByRole("button", { name: texts.enterAgain }).click();
    await part.field(page).waitFor();
  });

  test("who is banned reads until when, sees no message, and has a quiet mark in the list", async () => {
    const room = pages.freshRoom();
    const owner = await own(room, { title: "Strict" });
    await owner.act({ type: "send", text: "hello all" });
    const person = await pages.person();
    const refused: string[] = [];
    person.context.on("response", (response) => {
      if (response.status() >= 400) refused.push(response.url());
    });
    const page = await person.open(room);
    const { user } = await owner.guest();
    await part.message(page, "hello all").waitFor();
    await owner.act({ type: "ban", member: user, duration: 3_600_000, reason: "spam" });
    await screen(page, texts.banned).waitFor();
    await page.getByText("spam").waitFor();
    await page.getByText(/The ban ends on \d/).waitFor();
    const other = pages.freshRoom();
    await page.goto(new URL(`/r/${other}`, page.url()).href);
    const entry = page
      .getByRole("list", { name: en.rooms })
      .getByRole("link", { name: `Strict ${en.shutRoom}` });
    await entry.waitFor();
    expect(await page.getByText("hello all").count()).toBe(0);
    expect(refused).toEqual([]);
    await entry.click();
    await screen(page, texts.banned).waitFor();
    expect(await page.getByText("hello all").count()).toBe(0);
    await page.getByRole("button", { name: texts.otherRooms }).click();
    await page.getByRole("option", { name: other }).click();
    await part.field(page).waitFor();
  });

  test.each([
    ["locked", { locked: true }, texts.locked],
    ["closed", { closed: true }, texts.closed],
  ] as const)("of a %s room reads that, and can try again", async (_, change, title) => {
    const room = pages.freshRoom();
    const owner = await own(room);
    await owner.act({ type: "settings", ...change });
    const page = await (await pages.person()).open(room);
    await screen(page, title).waitFor();
    await owner.act({ type: "settings", locked: false, closed: false });
    await page.getByRole("button", { name: texts.tryAgain }).click();
    await part.field(page).waitFor();
  });
});

test.each(LOOKS)("axe-core finds nothing in any of these screens: $name", async ({ options, texts: t }) => {
  const words = t === zh ? ENTRY_TEXTS.zh : ENTRY_TEXTS.en;
  const room = pages.freshRoom();
  const owner = await own(room, { title: "Garden", entry: "knock" });
  const page = await (await pages.person(options)).open(room);
  const check = async (title: string): Promise<void> => {
    await screen(page, title).waitFor();
    expect(await violations(page), title).toEqual([]);
  };
  await owner.knock();
  await check(words.waiting);
  await owner.act({ type: "settings", entry: "password", newPassword: await newPassword("x") });
  await check(words.passwordNeeded);
  await page.getByLabel(words.password).fill("y");
  await page.keyboard.press("Enter");
  await page.getByText(words.passwordWrong).waitFor();
  await check(words.passwordNeeded);
  await owner.act({ type: "settings", entry: "open", closed: true });
  await page.reload();
  await check(words.closed);
  await page.getByRole("button", { name: t.newRoom }).last().click();
  const dialog = part.dialog(page, t.newRoom);
  await dialog.getByRole("radio", { name: words.entry.password }).check();
  await dialog.getByLabel(t.roomName).fill("a/b");
  await page.keyboard.press("Enter");
  await dialog.getByText(words.passwordMissing).waitFor();
  expect(await violations(page, dialog)).toEqual([]);
  await dialog.getByLabel(words.password, { exact: true }).fill("x");
  await dialog.getByLabel(t.roomName).fill(pages.freshRoom());
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: words.ownerLink }).waitFor();
  expect(await violations(page)).toEqual([]);
});
