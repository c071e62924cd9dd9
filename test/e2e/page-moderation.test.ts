// Inside a room with an owner: notices, roles, settings, knocking, muting, banning, pinning.
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { moderationEn } from "../../src/page/i18n/moderation-en.ts";
import { moderationZh } from "../../src/page/i18n/moderation-zh.ts";
import { zh } from "../../src/page/i18n/zh.ts";
import { LOOKS, violations } from "../helpers/looks.ts";
import { from, ownedRoom, until, userOf } from "../helpers/owned-room.ts";
import { type Pages, part, say, select, startPages } from "../helpers/page.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

const notice = (page: Page, text: string): Locator =>
  part.log(page).locator(".notice-line").filter({ hasText: text });
const button = (scope: Page | Locator, name: string | RegExp): Locator =>
  scope.getByRole("button", { name, exact: true });
const waiting = (page: Page): Locator => page.getByRole("region", { name: /waiting$/ });

/** Opens the card of a person from the list of people. */
async function openCard(page: Page, name: string): Promise<Locator> {
  await part.people(page).getByRole("button", { name }).click();
  return part.dialog(page, `About ${name}`);
}

/** Opens the settings of the room, or the summary of them. */
async function openInfo(page: Page, name: "Room settings" | "About this room"): Promise<Locator> {
  await page.getByRole("heading", { level: 1 }).getByRole("button").click();
  return part.dialog(page, name);
}

describe("a notice", () => {
  test("says what changed, one line each, and its names open cards", async () => {
    const room = await ownedRoom(pages, { title: "Garden" });
    const bob = room.client("Bob");
    await until(bob, ({ connection }) => connection === "online");
    const user = userOf(bob);
    await room.owner.setRoom({ topic: "Plants" });
    await room.owner.setRoom({ slowMode: 30_000, readOnly: true });
    await room.owner.setRoom({ entry: "knock" });
    await room.owner.mute(user, { duration: 3_600_000, reason: "ads" });
    await room.owner.setRole(user, "moderator");
    const page = await (await pages.person({ permissions: [] })).open(room.name);
    // The page has no key of the room: it waits, and the owner lets it in.
    await until(room.owner, ({ waiting }) => waiting.length === 1);
    const [guest] = room.owner.state.waiting;
    await room.owner.admit(guest?.user ?? "", true);
    for (const text of [
      "Olga created this room",
      "Olga changed the topic to “Plants”",
      "Olga turned on slow mode (30 s) and made the room read-only",
      "Olga now lets people in one by one",
      "Olga muted Bob for 1 h: “ads”",
      "Olga made Bob a moderator",
      `Olga let ${guest?.name} in`,
    ])
      await notice(page, text).waitFor();
    await notice(page, "muted Bob").getByRole("button", { name: "Bob" }).click();
    await part.dialog(page, "About Bob").getByText(user).waitFor();
  });

  test("is skipped by the keyboard, is no unread message, and leads to what was pinned", async () => {
    const room = await ownedRoom(pages);
    const { seq } = await room.owner.send("first");
    const { page } = await room.openAsOwner();
    await part.message(page, "first").waitFor();
    await room.owner.pin(seq, true);
    await room.owner.setRoom({ locked: true });
    await room.owner.send("second");
    await part.message(page, "second").waitFor();
    await select(page, "second");
    await page.keyboard.press("ArrowUp");
    const isFocused = () =>
      part.message(page, "first").evaluateAll(([row]) => row === document.activeElement);
    expect(await isFocused()).toBe(true);
    await page.keyboard.press("End");
    await notice(page, "pinned a message").getByRole("button", { name: "pinned a message" }).click();
    await expect.poll(isFocused).toBe(true);
    expect(await page.title()).not.toContain("(");
  });
});

describe("knocking", () => {
  test("shows who waits, also after a reload; the moderator lets in or refuses", async () => {
    const room = await ownedRoom(pages, { entry: "knock" });
    const { page } = await room.openAsOwner();
    await part.status(page).filter({ hasText: "Connected" }).waitFor();
    const [ann, ben] = [room.client("Ann"), room.client("Ben")];
    await waiting(page).getByText("2 people are waiting").waitFor();
    await page.reload();
    await button(waiting(page), "Show").click();
    await button(waiting(page), "Let in Ann").click();
    await until(ann, ({ connection }) => connection === "online");
    await button(waiting(page), "Refuse Ben").click();
    await until(ben, ({ outside }) => outside?.error?.cause === "not_admitted");
    await waiting(page).waitFor({ state: "detached" });
    await notice(page, "Olga let Ann in").waitFor();
    await notice(page, "Olga did not let Ben in").waitFor();
  });
});

describe("a moderator", () => {
  test("mutes a person, who reads until when and why, and lifts it in the list", async () => {
    const room = await ownedRoom(pages);
    const { page } = await room.openAsOwner();
    const other = await (await pages.person()).open(room.name);
    await say(other, "ads");
    await part
      .message(page, "ads")
      .getByRole("button", { name: /^guest/ })
      .click();
    await button(page, "Mute…").click();
    const dialog = page.getByRole("dialog", { name: /^Mute guest/ });
    await dialog.getByRole("radio", { name: "24 h" }).check();
    await dialog.getByRole("textbox", { name: /^Reason/ }).fill("no ads");
    await button(dialog, "Mute").click();
    await other.getByText(/^You are muted until .* Reason: no ads$/).waitFor();
    await part.field(other).fill("more ads");
    await part.field(other).press("Enter");
    expect(await part.send(other).getAttribute("aria-disabled")).toBe("true");
    expect(await part.field(other).inputValue()).toBe("more ads");
    const info = await openInfo(page, "Room settings");
    await button(info, /^Muted and banned \(1\)/).click();
    await button(part.dialog(page, "Muted and banned"), /^Unmute guest/).click();
    await page.getByText("Nobody is muted or banned.").waitFor();
    await page.keyboard.press("Escape");
    await part.send(other).click();
    await part.message(page, "more ads").waitFor();
  });

  test("bans a person and the network: a new identity stays outside, and later knocks", async () => {
    const room = await ownedRoom(pages);
    const { page } = await room.openAsOwner();
    const webSocket = from("203.0.113.7");
    const eve = room.client("Eve", { webSocket });
    await until(eve, ({ connection }) => connection === "online");
    const card = await openCard(page, "Eve");
    await button(card, "Ban…").click();
    const dialog = part.dialog(page, "Ban Eve");
    await dialog.getByText("Somebody with a new identity on another network can come back").waitFor();
    await dialog.getByRole("checkbox", { name: /^Also others from this network/ }).check();
    await button(dialog, "Ban").click();
    await until(eve, ({ outside }) => outside?.error?.cause === "banned");
    await notice(page, "Olga banned Eve and their network for 1 h").waitFor();
    const again = room.client("Eve again", { webSocket });
    await until(again, ({ outside }) => outside?.error?.cause === "banned");
    const info = await openInfo(page, "Room settings");
    await info.getByRole("radio", { name: "People whom moderators let in" }).check();
    await notice(page, "Olga now lets people in one by one").waitFor();
    await button(info, /^Muted and banned/).click();
    await button(part.dialog(page, "Muted and banned"), "Lift the ban on Eve").click();
    await page.getByText("Nobody is muted or banned.").waitFor();
    await page.keyboard.press("Escape");
    const third = room.client("Eve, too", { webSocket });
    await until(third, ({ outside }) => outside?.waits === true);
    await button(waiting(page), "Refuse Eve, too").click();
    await until(third, ({ outside }) => outside?.error?.cause === "not_admitted");
  });

  test("is made by an owner, removes a message of another person, and pins one", async () => {
    const room = await ownedRoom(pages);
    const bob = room.client("Bob");
    const { seq } = await bob.send("the **plan**");
    await bob.send("an insult");
    const { page } = await room.openAsOwner();
    const moderator = await (await pages.person()).open(room.name);
    await say(moderator, "I help");
    await select(moderator, "an insult");
    await moderator.keyboard.press("Enter");
    const menu = part.dialog(moderator, "Message actions");
    await button(menu, /^Reply/).waitFor();
    expect(await button(menu, /^Remove message/).count()).toBe(0);
    await moderator.keyboard.press("Escape");

    await part
      .message(page, "I help")
      .getByRole("button", { name: /^guest/ })
      .click();
    await button(page, "Make moderator").click();
    await part.message(moderator, "I help").getByText("moderator").waitFor();
    await select(moderator, "an insult");
    await moderator.keyboard.press("Enter");
    await button(menu, /^Remove message/).click();
    await part.message(page, "Removed by a moderator").waitFor();
    await select(moderator, "the plan");
    await moderator.keyboard.press("Enter");
    await button(menu, /^Pin/).click();
    const bar = page.getByRole("region", { name: "Pinned message" });
    await bar.getByText("the plan").waitFor();
    await room.owner.send("a line\n".repeat(80));
    await part.message(page, "a line").waitFor();
    await button(bar, /the plan$/).click();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-seq")))
      .toBe(String(seq));
    await button(page.getByRole("region", { name: "Pinned message" }), "Unpin").click();
    await bar.waitFor({ state: "detached" });
  });

  test("sees the pinned message also if it is older than the loaded ones", async () => {
    const room = await ownedRoom(pages);
    const { seq } = await room.owner.send("old and pinned");
    await room.owner.pin(seq, true);
    // More than the page loads at first, and long enough that it loads no more.
    for (const name of ["Ann", "Ben", "Cleo", "Dora"]) {
      const writer = room.client(name);
      await Promise.all(Array.from({ length: 15 }, () => writer.send("a line\n".repeat(12))));
    }
    const { page } = await room.openAsOwner();
    await page.getByRole("region", { name: "Pinned message" }).getByText("old and pinned").waitFor();
    expect(await part.message(page, "old and pinned").count()).toBe(0);
    await room.owner.edit(seq, "new and pinned");
    await page.getByRole("region", { name: "Pinned message" }).getByText("new and pinned").waitFor();
  });
});

describe("the composer", () => {
  test("in slow mode counts down, keeps the text and explains Enter", async () => {
    const room = await ownedRoom(pages);
    await room.owner.setRoom({ slowMode: 9_000 });
    const page = await (await pages.person()).open(room.name);
    await page.getByText("Slow mode: one message every 9 s").waitFor();
    await expect
      .poll(async () => {
        await part.field(page).fill("one");
        await part.field(page).press("Enter");
        return part.message(page, "one").count();
      })
      .toBe(1);
    await page.getByText(/^Slow mode: next message in \d s/).waitFor();
    await part.field(page).fill("two");
    expect(await part.send(page).getAttribute("aria-disabled")).toBe("true");
    await part.field(page).press("Enter");
    await part
      .status(page)
      .filter({ hasText: /You can send your message in \d s/ })
      .waitFor();
    expect(await part.field(page).inputValue()).toBe("two");
    await expect.poll(() => part.send(page).getAttribute("aria-disabled")).toBe("false");
    await part.send(page).click();
    await part.message(page, "two").waitFor();
  });

  test("in a read-only room is for moderators only", async () => {
    const room = await ownedRoom(pages);
    const { page } = await room.openAsOwner();
    const reader = await (await pages.person()).open(room.name);
    await part.field(reader).fill("a question");
    const info = await openInfo(page, "Room settings");
    await info.getByRole("checkbox", { name: /^Read-only/ }).check();
    await reader.getByText("Read-only: only moderators can write here.").waitFor();
    expect(await part.send(reader).getAttribute("aria-disabled")).toBe("true");
    await page.keyboard.press("Escape");
    await say(page, "an announcement");
    await part.message(reader, "an announcement").waitFor();
  });
});

describe("the settings of a room", () => {
  test("change title, topic and password, and members read a summary", async () => {
    const room = await ownedRoom(pages);
    const { page, person } = await room.openAsOwner();
    const member = await (await pages.person()).open(room.name);
    await part.status(member).filter({ hasText: "Connected" }).waitFor();
    const info = await openInfo(page, "Room settings");
    await info.getByRole("textbox", { name: "Title" }).fill("Garden club");
    await info.getByRole("textbox", { name: "Topic" }).fill("Plants and seeds");
    await button(info, "Save").click();
    await member.locator(".header").getByText("Plants and seeds").waitFor();
    await info.getByRole("radio", { name: "Anyone with the link and the password" }).check();
    await info.getByRole("textbox", { name: "New password" }).fill("tomato");
    await button(info, "Set password").click();
    await notice(member, "Olga now lets people in by password").waitFor();
    await info.getByRole("combobox", { name: "Slow mode" }).selectOption("5 min");
    const summary = await openInfo(member, "About this room");
    for (const text of [
      "Garden club",
      "Plants and seeds",
      "Anyone with the link and the password can enter.",
      "Everyone in the room can write.",
      "Slow mode: one message every 5 min for each person.",
    ])
      await summary.getByText(text).waitFor();
    await summary.getByText("Olga").waitFor();
    expect(await summary.getByRole("textbox").count()).toBe(0);
    const stranger = room.client("Sam");
    await until(stranger, ({ outside }) => outside?.error?.cause === "password");
    expect(person.wrongs).toEqual([]);
  });

  test("replace the owner link: the old one ends, and the new one makes an owner", async () => {
    const room = await ownedRoom(pages);
    const { page } = await room.openAsOwner();
    await button(await openInfo(page, "Room settings"), "New owner link").click();
    const question = part.dialog(page, "New owner link");
    await question.getByText(/^The present owner link stops working/).waitFor();
    await button(question, "Make a new link").click();
    const link = await part
      .dialog(page, "Owner link")
      .getByRole("textbox", { name: "Owner link" })
      .inputValue();
    const secret = new URL(link).hash.slice("#owner=".length);
    expect(secret).not.toBe(room.secret);
    await notice(page, "Olga made a new owner link").waitFor();
    const old = room.client("Old", { owner: room.secret });
    await until(old, ({ connection, role }) => connection === "online" && role === "member");
    const second = room.client("Second", { owner: secret });
    await until(second, ({ role }) => role === "owner");
  });

  test("lock the room: nobody new enters, and the owner reloads", async () => {
    const room = await ownedRoom(pages);
    const { page } = await room.openAsOwner();
    const inside = room.client("Ann");
    await until(inside, ({ connection }) => connection === "online");
    const info = await openInfo(page, "Room settings");
    await info.getByRole("checkbox", { name: /^Lock/ }).check();
    await notice(page, "Olga locked the room").waitFor();
    const late = room.client("Late");
    await until(late, ({ outside }) => outside?.error?.cause === "locked");
    await page.reload();
    await say(page, "still the owner");
    await until(inside, ({ timeline }) => timeline.items.some((item) => "text" in item));
  });

  test("delete all messages, close the room and open it again, each after a question", async () => {
    const room = await ownedRoom(pages);
    await room.owner.send("a secret");
    const { page } = await room.openAsOwner();
    const ann = room.client("Ann");
    await until(ann, ({ connection }) => connection === "online");
    const info = await openInfo(page, "Room settings");
    await button(info, "Delete all messages").click();
    const wipe = part.dialog(page, "Delete all messages");
    await wipe.getByText(/deleted for everyone, and nobody can restore them/).waitFor();
    await button(wipe, "Delete all messages").click();
    await notice(page, "Olga deleted all messages").waitFor();
    expect(await part.message(page, "a secret").count()).toBe(0);

    await button(await openInfo(page, "Room settings"), "Close the room").click();
    await button(part.dialog(page, "Close the room"), "Close the room").click();
    await page.getByText("This room is closed: only its owners can enter.").waitFor();
    await until(ann, ({ outside }) => outside?.error?.cause === "closed");
    await button(page, "Open again").click();
    await notice(page, "Olga opened the room again").waitFor();
    const ben = room.client("Ben");
    await until(ben, ({ connection }) => connection === "online");
  });
});

describe("axe-core finds nothing", () => {
  test.each(LOOKS)("in what moderators and members see: $name", async ({ options, texts }) => {
    const words = texts === zh ? moderationZh : moderationEn;
    const room = await ownedRoom(pages, { title: "Garden" });
    const { seq } = await room.owner.send("the plan");
    const bob = room.client("Bob");
    await bob.send("ads");
    await room.owner.pin(seq, true);
    await room.owner.setRoom({ topic: "Plants", slowMode: 30_000 });
    await room.owner.mute(userOf(bob), { duration: 3_600_000, reason: "ads" });
    const member = await (await pages.person(options)).open(room.name);
    await part.message(member, "the plan").waitFor();
    await room.owner.setRoom({ entry: "knock", closed: false, readOnly: true });
    for (const name of ["Ann", "Ben"]) room.client(name);
    await until(room.owner, ({ waiting }) => waiting.length === 2);

    const { page } = await room.openAsOwner(options);
    const close = async (dialog: Locator): Promise<void> => {
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    };
    const check = async (name: string): Promise<void> => {
      const dialog = part.dialog(page, name);
      await dialog.waitFor();
      expect(await violations(page, dialog), `the dialog ${name}`).toEqual([]);
    };
    await button(page.getByRole("region", { name: words.waiting(2) }), words.showWaiting).click();
    await page.getByRole("region", { name: words.pinned }).waitFor();
    await page.getByRole("log").locator(".notice-line", { hasText: "Bob" }).getByRole("time").waitFor();
    expect(await violations(page), "the room of a moderator").toEqual([]);
    const openCardOfBob = async (): Promise<Locator> => {
      await select(page, "ads");
      await page.keyboard.press("p");
      return part.dialog(page, texts.about("Bob"));
    };
    await openCardOfBob();
    await check(texts.about("Bob"));
    await button(page, words.banFor).click();
    await check(words.banTitle("Bob"));
    await close(part.dialog(page, words.banTitle("Bob")));
    await button(await openCardOfBob(), words.removeFrom).click();
    await check(words.removeTitle("Bob"));
    await close(part.dialog(page, words.removeTitle("Bob")));
    const info = page.getByRole("heading", { level: 1 }).getByRole("button");
    await info.click();
    await page.getByRole("radio", { name: words.entries.password }).check();
    await check(words.roomSettings);
    await button(page, new RegExp(`^${words.mutedAndBanned}`)).click();
    await check(words.mutedAndBanned);
    await close(part.dialog(page, words.mutedAndBanned));
    await info.click();
    await button(page, words.wipe).click();
    await check(words.wipe);
    await close(part.dialog(page, words.wipe));
    await room.owner.setRoom({ closed: true });
    await page.getByText(words.closedNote).waitFor();
    expect(await violations(page, page.locator("main")), "a closed room").toEqual([]);
    await room.owner.setRoom({ closed: false });

    await member.reload();
    await member.getByText(words.readOnlyNote).waitFor();
    expect(await violations(member), "the room of a member").toEqual([]);
    await member.getByRole("heading", { level: 1 }).getByRole("button").click();
    const summary = part.dialog(member, words.aboutRoom);
    await summary.waitFor();
    expect(await violations(member, summary), "the summary").toEqual([]);
  });
});
