// Rooms in a browser: people join, write, see each other, and act on messages.
import { gzipSync } from "node:zlib";
import type { Page, Request } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CLOSE_REASON, CloseCode } from "../../src/protocol/close-code.ts";
import {
  createRoom,
  INSTALLS,
  isStarted,
  network,
  openIdentity,
  type Pages,
  part,
  say,
  select,
  setName,
  startPages,
} from "../helpers/page.ts";
import { openChat } from "../helpers/raw-socket.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

/** One person in a fresh room. */
async function alone(): Promise<{ room: string; ann: Page }> {
  const room = pages.freshRoom();
  const ann = await (await pages.person({ name: "Ann" })).open(room);
  await part.people(ann).getByText("Ann").waitFor();
  return { room, ann };
}

/** Two people in one fresh room. */
async function pair(): Promise<{ room: string; ann: Page; bob: Page }> {
  const room = pages.freshRoom();
  const [ann, bob] = await Promise.all(
    ["Ann", "Bob"].map(async (name) => (await pages.person({ name })).open(room)),
  );
  if (ann === undefined || bob === undefined) throw new Error("a page is missing");
  await part.people(ann).getByText("Bob").waitFor();
  await part.people(bob).getByText("Ann").waitFor();
  return { room, ann, bob };
}

/** Opens the menu of a message with the mouse. */
async function menu(page: Page, text: string) {
  const message = part.message(page, text);
  const more = message.getByRole("button", { name: "More" });
  // The row may be drawn anew under the pointer when the room has answered.
  await expect
    .poll(async () => {
      await page.mouse.move(0, 0);
      await message.hover();
      return more.waitFor({ timeout: 2_000 }).then(
        () => true,
        () => false,
      );
    })
    .toBe(true);
  await more.click();
  return part.dialog(page, "Message actions");
}

describe("a room", () => {
  test("shows two people each other's messages, with names and times", async () => {
    const { ann, bob } = await pair();
    await say(ann, "Hello Bob");
    const heard = part.message(bob, "Hello Bob");
    await heard.waitFor();
    await heard.getByText("Ann", { exact: true }).waitFor();
    expect(await heard.locator("time").getAttribute("datetime")).toMatch(/^\d{4}-/);
    await say(bob, "Hello Ann");
    await part.message(ann, "Hello Ann").waitFor();
    expect(await part.status(ann).textContent()).toBe("Connected");
  });

  test("does not show messages of another room", async () => {
    const { ann } = await alone();
    const elsewhere = await (await pages.person()).open("团队");
    await say(ann, "Only for this room");
    await say(elsewhere, "Here I am");
    expect(await part.log(elsewhere).getByText("Only for this room").count()).toBe(0);
  });

  test("shows a guest name until a name is chosen, which stays after a reload", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await say(page, "First words");
    await part
      .message(page, "First words")
      .getByText(/^guest-/)
      .waitFor();
    await setName(page, "  Ann   Lee ");
    await part.people(page).getByText("Ann Lee").waitFor();
    await page.reload();
    await part.people(page).getByText("Ann Lee").waitFor();
    await page.getByRole("button", { name: "Your identity: Ann Lee" }).waitFor();
    await part.message(page, "First words").getByText("you", { exact: true }).waitFor();
  });

  test("says that a name is too long instead of cutting it silently", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await openIdentity(page, "Change name");
    await part.name(page).fill("x".repeat(33));
    await page.getByRole("alert").filter({ hasText: "A name can have at most 32 characters." }).waitFor();
    await part.name(page).fill("x".repeat(32));
    await page.getByRole("alert").waitFor({ state: "detached" });
  });

  test("keeps the tags of look-alikes after one of them has left", async () => {
    const { ann, bob } = await pair();
    await isStarted(ann);
    await setName(bob, "Аnn");
    await say(bob, "It is me");
    const tag = part.message(ann, "It is me").getByText(/^#[a-z2-7]{4}$/);
    await tag.waitFor();
    await bob.close();
    await part.people(ann).getByText("Аnn").waitFor({ state: "detached" });
    expect(await tag.count()).toBe(1);
  });

  test("shows tags of the user ids beside names that look alike", async () => {
    const { ann, bob } = await pair();
    await setName(bob, "Аnn");
    const tags = part.people(ann).getByText(/^#[a-z2-7]{4}$/);
    await tags.nth(1).waitFor();
    expect(new Set(await tags.allTextContents()).size).toBe(2);
  });

  test("shows who is typing until the message is sent", async () => {
    const { ann, bob } = await pair();
    await part.field(ann).pressSequentially("Hel");
    await bob.getByText("Ann is typing…").waitFor();
    await part.send(ann).click();
    await bob.getByText("Ann is typing…").waitFor({ state: "detached" });
  });

  test("gets a name that cannot be guessed if it is private", async () => {
    const { ann, room } = await alone();
    await createRoom(ann);
    await ann.waitForURL(/\/r\/p-[a-z2-7]{26}$/);
    await part.status(ann).filter({ hasText: "Connected" }).waitFor();
    await ann.goBack();
    await ann.waitForURL(new RegExp(`/r/${room}$`));
    await ann.getByRole("heading", { level: 1, name: room }).waitFor();
  });

  test("is removed from the list by its menu, and restored", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await createRoom(page);
    await page.waitForURL(/\/r\/p-[a-z2-7]{26}$/);
    const address = page.url();
    await page
      .getByRole("link", { name: /^Lobby|^room-/ })
      .first()
      .click();
    const link = page.getByRole("link", { name: /Private room/ });
    await page.getByRole("button", { name: /^Options for Private room/ }).click();
    await page.getByRole("button", { name: "Remove from the list" }).click();
    await link.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await link.click();
    await expect.poll(() => page.url()).toBe(address);
  });

  test("is opened by name, and an invalid name is rejected", async () => {
    const { ann } = await alone();
    await ann.getByRole("button", { name: "Open a room" }).click();
    const dialog = part.dialog(ann, "Open a room");
    await dialog.waitFor();
    await ann.keyboard.type("a/b");
    await ann.keyboard.press("Enter");
    expect(await dialog.getByRole("textbox").getAttribute("aria-invalid")).toBe("true");
    await dialog.getByRole("textbox").fill("Team-A");
    await dialog.getByRole("button", { name: "Open", exact: true }).click();
    await ann.waitForURL(/\/r\/team-a$/);
  });

  test("is shared by copying its link", async () => {
    const person = await pages.person({ permissions: ["clipboard-read", "clipboard-write"] });
    const page = await person.open(pages.freshRoom());
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByText("Link copied").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  });

  test("shows that the connection is lost, and reconnects on request", async () => {
    const person = await pages.person();
    const { reaches } = await network(person);
    const page = await person.open(pages.freshRoom());
    await isStarted(page);
    await reaches(false);
    await part.status(page).getByText("Connection lost. Reconnecting…").waitFor();
    await part.field(page).fill("meanwhile");
    await part.send(page).click();
    await part.message(page, "meanwhile").getByText("Waiting for the connection").waitFor();
    await page.getByRole("button", { name: "Try now" }).focus();
    await reaches(true);
    await page.keyboard.press("Enter");
    await part.status(page).getByText("Connected").waitFor();
    await part.message(page, "meanwhile").getByText("Waiting").waitFor({ state: "detached" });
    // The button is gone with the strip, and the user can write.
    await page.getByRole("button", { name: "Try now" }).waitFor({ state: "detached" });
    await expect.poll(() => part.field(page).evaluate((it) => it.matches(":focus"))).toBe(true);
  });

  test("shows the state of the connection only while something is wrong", async () => {
    const person = await pages.person();
    const { online } = await network(person);
    const page = await person.open(pages.freshRoom());
    await isStarted(page);
    await page.getByText("1 person online · Public: anyone can join").waitFor();
    // What is loaded on demand must be there before the connection is cut.
    await page.waitForLoadState("networkidle");
    const strip = page.locator(".connection");
    expect(await strip.count()).toBe(0);
    await online(false);
    await part.status(page).filter({ hasText: "You are offline" }).waitFor();
    await strip.getByText("You are offline").waitFor();
    await online(true);
    await part.status(page).filter({ hasText: "Connected" }).waitFor();
    await strip.waitFor({ state: "detached" });
    await createRoom(page);
    await page.getByText("Private: only people with the link").waitFor();
  });

  test("whose socket fails is tried again, and is not asked over HTTP why", async () => {
    const room = pages.freshRoom();
    const page = await (await pages.person()).context.newPage();
    const requested: string[] = [];
    page.on("request", (request) => requested.push(new URL(request.url()).pathname));
    await page.addInitScript(() => {
      const attempts = { count: 0 };
      Object.assign(globalThis, { attempts });
      globalThis.WebSocket = class extends WebSocket {
        constructor() {
          super("/healthz");
          attempts.count += 1;
        }
      };
    });
    await page.goto(new URL(`/r/${room}`, pages.service.url).href);
    await expect.poll(() => page.evaluate("attempts.count")).toBeGreaterThan(2);
    expect(requested).not.toContain(`/ws/${room}`);
  });

  test("that is full says so, and can be joined later", async () => {
    const person = await pages.person();
    let full = true;
    await person.context.routeWebSocket(/\/ws\//, (socket) => {
      if (full) void socket.close({ code: CloseCode.RoomFull, reason: CLOSE_REASON[CloseCode.RoomFull] });
      else socket.connectToServer();
    });
    const page = await person.open(pages.freshRoom());
    await part.status(page).getByText("This room is full.").waitFor();
    full = false;
    await page.getByRole("button", { name: "Try now" }).click();
    await part.status(page).getByText("Connected").waitFor();
  });

  test("shows its people in a sheet on a phone", async () => {
    const room = pages.freshRoom();
    await (await pages.person({ name: "Bob" })).open(room);
    const phone = await pages.person({
      viewport: { width: 390, height: 800 },
      hasTouch: true,
      isMobile: true,
    });
    const page = await phone.open(room);
    await page.getByRole("button", { name: "2 people online" }).tap();
    await part.people(page).getByText("Bob").waitFor();
    await page.touchscreen.tap(195, 20);
    await part.people(page).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Rooms" }).tap();
    await createRoom(page);
    await page.getByRole("heading", { level: 1, name: /^Private room/ }).waitFor();
    expect(await part.dialog(page, "Rooms").count()).toBe(0);
  });

  test("with too many people to list shows their number", async () => {
    const room = pages.freshRoom();
    const page = await (await pages.person()).open(room);
    await part.people(page).getByText("you").waitFor();
    const crowd = await Promise.all(Array.from({ length: 200 }, () => openChat(pages.service.socket(room))));
    await page.getByText("201 people are online, too many to list.").waitFor();
    await page.getByRole("heading", { name: "201 people online" }).waitFor();
    expect(await part.people(page).count()).toBe(0);
    const [one, ...others] = crowd;
    await Promise.all(others.map((socket) => socket.close()));
    await part
      .people(page)
      .getByText(/^guest-/)
      .nth(1)
      .waitFor();
    await page.getByRole("heading", { name: "2 people online" }).waitFor();
    await one?.close();
  });

  test("shows its unread messages in the list while another room is open", async () => {
    const { ann, bob, room } = await pair();
    await say(ann, "Before");
    await part.message(bob, "Before").waitFor();
    // A page without scripts: nothing else changes what is stored.
    await bob.goto(new URL("/404", pages.service.url).href);
    // More rooms than a list shows without scrolling.
    const later = Array.from({ length: 10 }, () => pages.freshRoom());
    await bob.evaluate((rooms) => {
      const before: unknown[] = JSON.parse(localStorage.getItem("edge-chat:visited") ?? "[]");
      const visits = rooms.map((name) => ({ room: name, epoch: "", seq: 0, at: Date.now() }));
      localStorage.setItem("edge-chat:visited", JSON.stringify([...visits, ...before]));
    }, later);
    await bob.clock.install();
    await bob.goto(new URL("/", pages.service.url).href);
    await isStarted(bob);
    await say(ann, "One");
    await say(ann, "Two, @Bob");
    await bob.clock.runFor(25_000);
    await bob.getByRole("link", { name: new RegExp(`${room}.*2 unread, you are mentioned`) }).waitFor();
    await bob.setViewportSize({ width: 390, height: 800 });
    await bob.getByRole("button", { name: "Rooms, 2 unread" }).waitFor();
  });
});

describe("a message", () => {
  test("is answered with a quote that leads to it", async () => {
    const { ann, bob } = await pair();
    await say(ann, "The question");
    await (await menu(bob, "The question")).getByRole("button", { name: /^Reply/ }).click();
    await bob.getByText("Replying to Ann").waitFor();
    await say(bob, "The answer");
    const quote = part.message(ann, "The answer").getByRole("button", { name: /^In reply to Ann/ });
    await quote.click();
    await expect.poll(() => focusedText(ann)).toContain("The question");
  });

  test("is reacted to by several people, and a reaction is removed", async () => {
    const { ann, bob } = await pair();
    await say(ann, "Nice?");
    await (await menu(bob, "Nice?")).getByRole("button", { name: "React with 👍" }).click();
    const reaction = part.message(ann, "Nice?").getByRole("button", { name: "Bob reacted with 👍" });
    await reaction.click();
    const both = part.message(bob, "Nice?").getByRole("button", { name: "you, Ann reacted with 👍" });
    expect(await both.getAttribute("aria-pressed")).toBe("true");
    await both.click();
    await part.message(ann, "Nice?").getByRole("button", { name: "you reacted with 👍" }).waitFor();
  });

  test("is edited by its author only", async () => {
    const { ann, bob } = await pair();
    await say(ann, "Helo");
    await part.message(bob, "Helo").waitFor();
    expect(await (await menu(bob, "Helo")).getByRole("button", { name: /^Edit/ }).count()).toBe(0);
    await (await menu(ann, "Helo")).getByRole("button", { name: /^Edit/ }).click();
    expect(await part.field(ann).inputValue()).toBe("Helo");
    await part.field(ann).fill("Hello");
    await part.field(ann).press("Enter");
    await part.message(bob, "Hello").getByText("edited").waitFor();
    expect(await part.field(ann).inputValue()).toBe("");
  });

  test("comes back when its deletion is undone, else it is deleted for everyone", async () => {
    const { ann, bob } = await pair();
    await say(ann, "Oops");
    await part.message(bob, "Oops").waitFor();
    await (await menu(ann, "Oops")).getByRole("button", { name: /^Delete/ }).click();
    await part.log(ann).getByRole("button", { name: "Undo" }).click();
    await part.message(ann, "Oops").waitFor();
    await select(ann, "Oops");
    await ann.keyboard.press("Delete");
    await part.log(ann).getByText("Message deleted").waitFor();
    await part.log(bob).getByText("Message deleted").waitFor();
    expect(await part.log(bob).getByText("Oops").count()).toBe(0);
  });

  test("has a text and a link that are copied, and the link leads to it", async () => {
    const person = await pages.person({ permissions: ["clipboard-read", "clipboard-write"] });
    const page = await person.open(pages.freshRoom());
    await say(page, "Look at **this**");
    await (await menu(page, "Look at")).getByRole("button", { name: /^Copy text/ }).click();
    await page.getByText("Copied", { exact: true }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("Look at **this**");
    await (await menu(page, "Look at")).getByRole("button", { name: /^Copy link/ }).click();
    await page.getByText("Link copied").waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toMatch(/#1$/);
    const other = await (await pages.person()).context.newPage();
    await other.goto(link);
    await expect.poll(() => focusedText(other)).toContain("Look at this");
  });

  test("opens its actions on a long press on a phone", async () => {
    const room = pages.freshRoom();
    const phone = await pages.person({
      viewport: { width: 390, height: 800 },
      hasTouch: true,
      isMobile: true,
    });
    const page = await phone.open(room);
    await say(page, "Press me");
    const box = await part.message(page, "Press me").boundingBox();
    if (box === null) throw new Error("the message is not on the screen");
    const session = await page.context().newCDPSession(page);
    const touchPoints = [{ x: box.x + 100, y: box.y + box.height / 2 }];
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
    await part.dialog(page, "Message actions").waitFor();
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await part.dialog(page, "Message actions").getByRole("button", { name: "Reply" }).tap();
    await page.getByText("Replying to").waitFor();
  });
});

function focusedText(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? "");
}

describe("the page before its first message", () => {
  test("loads under 60 KB of scripts and 12 KB of styles, gzipped, from this host only", async () => {
    const room = pages.freshRoom();
    await say(await (await pages.person()).open(room), "The first message");
    const reader = await pages.person(INSTALLS);
    const requests: Request[] = [];
    reader.context.on("request", (request) => requests.push(request));
    await reader.context.addInitScript(() => {
      const observer = new MutationObserver(() => {
        if (document.querySelector("[role=log] article") === null) return;
        observer.disconnect();
        performance.mark("first message");
      });
      observer.observe(document, { subtree: true, childList: true });
    });
    const page = await reader.open(room);
    await part.message(page, "The first message").waitFor();
    const early = await page.evaluate(() => {
      const [mark] = performance.getEntriesByName("first message");
      const resources = performance.getEntriesByType("resource");
      return resources.filter(({ startTime }) => mark && startTime <= mark.startTime).map(({ name }) => name);
    });

    const size = async (type: string) => {
      const sizes = requests
        .filter((request) => request.resourceType() === type && early.includes(request.url()))
        .map(async (request) => gzipSync((await (await request.response())?.body()) ?? "").length);
      return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
    };
    const [scripts, styles] = [await size("script"), await size("stylesheet")];
    expect(scripts).toBeGreaterThan(0);
    expect(scripts).toBeLessThan(60_000);
    expect(styles).toBeGreaterThan(0);
    expect(styles).toBeLessThan(12_000);
    expect(reader.wrongs).toEqual([]);
  });
});
