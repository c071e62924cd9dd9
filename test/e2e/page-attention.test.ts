// Notifications, their sound, the number of unread messages in the title and on the icons, and the installation of the
// page: what only a whole browser has.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchWholeBrowser } from "../helpers/browser.ts";
import { ownedRoom, useIdentity } from "../helpers/owned-room.ts";
import {
  INSTALLS,
  inSettings,
  isStarted,
  type Pages,
  type Person,
  type PersonOptions,
  part,
  post,
  startPages,
} from "../helpers/page.ts";
import { sharedService } from "../helpers/shared-services.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages(sharedService, launchWholeBrowser);
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

type Choice = "Off" | "Mentions only" | "All messages";

/** A page with the permission to notify; its notifications and sounds are recorded. */
async function notifiable(
  room: string,
  options: PersonOptions = {},
): Promise<{ person: Person; page: Page }> {
  const person = await pages.person({ ...INSTALLS, ...options, permissions: ["notifications"] });
  await note(person);
  const page = await person.open(room);
  await isStarted(page);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  return { person, page };
}

async function ann(room: string): Promise<{ person: Person; page: Page }> {
  const { person, page } = await notifiable(room, { name: "Ann" });
  await part.people(page).getByText("Ann").waitFor();
  return { person, page };
}

function choose(page: Page, choice: Choice): Promise<void> {
  return inSettings(page, (settings) => settings.getByLabel("Notifications").selectOption(choice));
}

/** Brings another tab to the front. */
async function loseFocus({ context }: Person, page: Page): Promise<void> {
  // By default, Playwright emulates the focus in every page.
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setFocusEmulationEnabled", { enabled: false });
  await page.bringToFront();
  await (await context.newPage()).bringToFront();
  await expect.poll(() => page.evaluate(() => document.hasFocus())).toBe(false);
}

async function regainFocus(page: Page): Promise<void> {
  await page.bringToFront();
  await expect.poll(() => page.evaluate(() => document.hasFocus())).toBe(true);
}

/** Records, in each document of the context, the texts of notifications, the badges, and the sounds started. */
async function note({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    const noted: { shown: string[]; sounds: number; badges: (number | undefined)[] } = {
      shown: [],
      sounds: 0,
      badges: [],
    };
    Object.defineProperty(globalThis, "noted", { value: noted });
    navigator.setAppBadge = async (count) => void noted.badges.push(count);
    const { prototype } = ServiceWorkerRegistration;
    const show = prototype.showNotification;
    prototype.showNotification = async function (title, options) {
      await show.call(this, title, options);
      noted.shown.push(options?.body ?? "");
    };
    for (const [kind, name] of [
      [AudioScheduledSourceNode.prototype, "start"],
      [HTMLMediaElement.prototype, "play"],
    ] as const) {
      const begin: (...args: unknown[]) => unknown = Reflect.get(kind, name);
      Reflect.set(kind, name, function (this: unknown, ...args: unknown[]) {
        noted.sounds += 1;
        return Reflect.apply(begin, this, args);
      });
    }
  });
}

/** Returns the texts of the notifications that these tabs have shown since they were loaded. */
async function shown(...tabs: Page[]): Promise<string[]> {
  return (await Promise.all(tabs.map((tab) => tab.evaluate<string[]>("noted.shown")))).flat();
}

/** Returns the numbers that the page has set on the app's icon, in order. */
const badges = (page: Page): Promise<number[]> => page.evaluate<number[]>("noted.badges");

/** Returns how many sounds these tabs have started since they were loaded. */
async function sounds(...tabs: Page[]): Promise<number> {
  const counts = await Promise.all(tabs.map((tab) => tab.evaluate<number>("noted.sounds")));
  return counts.reduce((sum, count) => sum + count);
}

/**
 * Returns the texts of the notifications that the browser shows now. Call it only when no notification is about to
 * be shown: Chromium would forget one that it has stored and not shown yet.
 */
function notifications(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ body }) => body);
  });
}

/** Waits until these tabs have shown notifications with exactly these texts, and the browser shows them. */
async function expectNotified(tabs: readonly [Page, ...Page[]], texts: string[]): Promise<void> {
  const expected = [...texts].sort();
  await expect.poll(async () => (await shown(...tabs)).sort()).toEqual(expected);
  expect((await notifications(tabs[0])).sort()).toEqual(expected);
}

/** Returns a text that does not fit on one screen. */
const long = (start: string): string => `${start}\n${"and so on\n".repeat(80)}`;

describe("a notification", () => {
  test("tells a moderator who waits to be let in, once", async () => {
    const room = await ownedRoom(pages, { entry: "knock" });
    const person = await pages.person({ ...INSTALLS, permissions: ["notifications"] });
    await note(person);
    await useIdentity(person, room.key);
    const page = await person.open(room.name);
    await isStarted(page);
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await choose(page, "Mentions only");
    await loseFocus(person, page);
    room.client("Ben");
    await expectNotified([page], ["Ben wants to come in"]);
    room.client("Cleo");
    await expectNotified([page], ["Ben wants to come in", "Cleo wants to come in"]);
  });

  test("is not shown until notifications are switched on", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await loseFocus(person, page);
    await post(pages, room, "Bob", "@Ann unasked");
    await part.message(page, "unasked").waitFor();
    await regainFocus(page);
    await choose(page, "All messages");
    await loseFocus(person, page);
    await post(pages, room, "Bob", "asked for");
    await expectNotified([page], ["asked for"]);
    expect(await sounds(page)).toBe(0);
  });

  test("is shown for mentions only, and only without the focus", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "Mentions only");
    await post(pages, room, "Bob", "@Ann you are looking");
    await part.message(page, "you are looking").waitFor();
    await loseFocus(person, page);
    await post(pages, room, "Bob", "for nobody, not even @Annie");
    await post(pages, room, "Bob", "for you, @ann");
    await expectNotified([page], ["for you, @ann"]);
  });

  test("is not shown while another tab of the room has the focus", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "All messages");
    await loseFocus(person, page);
    const front = await person.open(room);
    await isStarted(front);
    // A tab with the focus holds a lock, so that the other tabs know.
    const isFocused = () =>
      page.evaluate(async (name) => {
        const { held = [] } = await navigator.locks.query();
        return held.some((lock) => lock.name?.endsWith(`:${name}`));
      }, room);
    await expect.poll(isFocused).toBe(true);
    await post(pages, room, "Bob", "seen in front");
    await part.message(page, "seen in front").waitFor();
    await part.message(front, "seen in front").waitFor();
    await front.close();
    // The browser releases the lock of a closed tab a little later.
    await expect.poll(isFocused).toBe(false);
    await post(pages, room, "Bob", "seen by nobody");
    await expectNotified([page], ["seen by nobody"]);
  });

  test("is shown for a mention in a visited room that is not open", async () => {
    const [other, room] = [pages.freshRoom(), pages.freshRoom()];
    const { person, page } = await ann(other);
    await choose(page, "Mentions only");
    await page.clock.install();
    await page.goto(new URL(`/r/${room}`, page.url()).href);
    await isStarted(page);
    await page.getByRole("link", { name: other }).waitFor();
    await page.clock.runFor(10_000);
    await loseFocus(person, page);
    await post(pages, other, "Bob", "not for you");
    await post(pages, other, "Bob", "@Ann over here");
    await page.clock.runFor(40_000);
    await expectNotified([page], ["@Ann over here"]);
  });

  test("is shown once, with one sound, for several tabs of the room", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "All messages");
    await inSettings(page, (settings) => settings.getByLabel("Play a sound").check());
    const [second, third] = [await person.open(room), await person.open(room)];
    const tabs = [page, second, third] as const;
    for (const tab of tabs) await isStarted(tab);
    for (const tab of tabs) await loseFocus(person, tab);
    const texts = ["one", "two", "three"];
    for (const text of texts) {
      await post(pages, room, "Bob", text);
      for (const tab of tabs) await part.message(tab, text).waitFor();
    }
    await expectNotified(tabs, texts);
    expect(await sounds(...tabs)).toBe(3);
  });

  test("is shown for all messages of others, with sender and room", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    const elsewhere = await person.open(room);
    await isStarted(elsewhere);
    await choose(page, "All messages");
    await part.field(elsewhere).fill("from my other tab");
    await loseFocus(person, elsewhere);
    await loseFocus(person, page);
    // A click of the mouse would bring the tab to the front.
    await part.send(elsewhere).dispatchEvent("click");
    await part.message(page, "from my other tab").waitFor();
    await post(pages, room, "Bob", "anything");
    await expectNotified([page, elsewhere], ["anything"]);
    const title = await page.evaluate(async () => {
      const [shown] = await (await navigator.serviceWorker.ready).getNotifications();
      return shown?.title;
    });
    expect(title).toBe(`Bob · ${room}`);
  });

  test("is not shown for a muted room until it is unmuted", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "All messages");
    await inSettings(page, async (settings) => {
      await settings.getByLabel("Play a sound").check();
      await settings.getByLabel("Mute this room").check();
    });
    await page.getByRole("link", { name: `${room} muted` }).waitFor();
    await loseFocus(person, page);
    await post(pages, room, "Bob", "@Ann in vain");
    await part.message(page, "in vain").waitFor();
    expect(await sounds(page)).toBe(0);
    await regainFocus(page);
    await page.reload();
    await isStarted(page);
    await inSettings(page, (settings) => settings.getByLabel("Mute this room").uncheck());
    await loseFocus(person, page);
    await post(pages, room, "Bob", "no longer in vain");
    await expectNotified([page], ["no longer in vain"]);
  });

  test("is shown for a mention of the guest name", async () => {
    const room = pages.freshRoom();
    const { person, page } = await notifiable(room);
    const name = await part
      .people(page)
      .getByText(/^guest-/)
      .textContent();
    await choose(page, "Mentions only");
    await loseFocus(person, page);
    await post(pages, room, "Bob", `welcome, @${name}`);
    await expectNotified([page], [`welcome, @${name}`]);
  });

  test("leads to its message, in the tab of its room or in a new tab", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "All messages");
    await loseFocus(person, page);
    await post(pages, room, "Bob", long("the beginning"));
    await post(pages, room, "Bob", "the end");
    await expect.poll(() => shown(page)).toHaveLength(2);
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    expect(await clickNotification(person, "the beginning")).toBe("focus");
    await expect.poll(focused).toContain("the beginning");
    expect(await clickNotification(person, "the end")).toBe("focus");
    await expect.poll(focused).toContain("the end");
    expect(await notifications(page)).toEqual([]);

    await post(pages, room, "Bob", "when the tab is gone");
    await expect.poll(() => shown(page)).toHaveLength(3);
    await page.close();
    expect(await clickNotification(person, "when the tab is gone")).toBe(
      new URL(`/r/${room}#3`, pages.service.url).href,
    );
  });

  test("that the browser denies shows an explanation and stays off", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await inSettings(page, async (settings) => {
      const choice = settings.getByLabel("Notifications");
      await choice.selectOption("All messages");
      await settings.getByRole("alert").filter({ hasText: "Notifications are blocked" }).waitFor();
      await expect.poll(() => choice.locator("option:checked").textContent()).toBe("Off");
      await choice.selectOption("Off");
      await settings.getByRole("alert").waitFor({ state: "detached" });
    });
  });

  test("that the browser denies later shows an explanation", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "All messages");
    await person.context.clearPermissions();
    await person.context.grantPermissions(["clipboard-read"]);
    await inSettings(page, (settings) =>
      settings.getByRole("alert").filter({ hasText: "Notifications are blocked" }).waitFor(),
    );
  });
});

describe("a sound", () => {
  test("is played with a notification only, if switched on", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "Mentions only");
    await loseFocus(person, page);
    await post(pages, room, "Bob", "@Ann without a sound");
    await expect.poll(() => shown(page)).toHaveLength(1);
    expect(await sounds(page)).toBe(0);
    await regainFocus(page);
    await inSettings(page, (settings) => settings.getByLabel("Play a sound").check());
    await post(pages, room, "Bob", "@Ann while you look");
    await part.message(page, "while you look").waitFor();
    await loseFocus(person, page);
    await post(pages, room, "Bob", "not for you");
    await post(pages, room, "Bob", "@Ann with a sound");
    await expect.poll(() => shown(page)).toHaveLength(2);
    expect(await sounds(page)).toBe(1);
  });
});

describe("the title and the icons", () => {
  test("show the number of unread messages, except of a muted room", async () => {
    const room = pages.freshRoom();
    await post(pages, room, "Bob", long("the beginning"));
    const { page } = await ann(room);
    const icon = page.locator("css=link[rel=icon]");
    const plain = await icon.getAttribute("href");
    const drawn = () => icon.getAttribute("href");
    await part.message(page, "the beginning").waitFor();
    await part.log(page).evaluate((log) => log.scrollTo(0, 0));
    await page.getByRole("button", { name: "Jump to latest" }).waitFor();
    await post(pages, room, "Bob", "unseen");
    await page.getByRole("button", { name: "1 new message" }).waitFor();
    await expect.poll(() => page.title()).toBe(`(1) ${room} · edge-chat`);
    await expect.poll(() => badges(page)).toEqual([1]);
    await expect.poll(drawn).toMatch(/^data:image\/png/);
    const one = await drawn();
    await inSettings(page, (settings) => settings.getByLabel("Mute this room").check());
    await expect.poll(() => page.title()).toBe(`${room} · edge-chat`);
    await expect.poll(drawn).toBe(plain);
    await post(pages, room, "Bob", "unseen, too");
    await page.getByRole("button", { name: "2 new messages" }).waitFor();
    expect(await page.title()).toBe(`${room} · edge-chat`);
    await inSettings(page, (settings) => settings.getByLabel("Mute this room").uncheck());
    await expect.poll(() => page.title()).toBe(`(2) ${room} · edge-chat`);
    await expect.poll(drawn).toMatch(/^data:image\/png/);
    expect(await drawn()).not.toBe(one);
    await page.getByRole("button", { name: "2 new messages" }).click();
    // On the way to the end, messages are read one after the other.
    await expect.poll(async () => (await badges(page)).at(-1)).toBe(0);
    expect((await badges(page)).slice(0, 3)).toEqual([1, 0, 2]);
    await expect.poll(drawn).toBe(plain);
  });
});

test("the page can be installed", async () => {
  const page = await (await pages.person(INSTALLS)).open(pages.freshRoom());
  const session = await page.context().newCDPSession(page);
  expect((await session.send("Page.getAppManifest")).errors).toEqual([]);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // The test's browser is a private window, which cannot install.
  expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual(["in-incognito"]);
});

/**
 * Simulates a click on the notification whose text begins with `start`, in the service worker. Returns what the
 * service worker did: focused a tab ("focus") or opened an address. Both are recorded only: they need a real click.
 */
async function clickNotification({ context }: Person, start: string): Promise<string> {
  const [worker] = context.serviceWorkers();
  if (worker === undefined) throw new Error("there is no service worker");
  return worker.evaluate<string>(`(async () => {
    const all = await registration.getNotifications();
    const notification = all.find(({ body }) => body.startsWith(${JSON.stringify(start)}));
    let done = "nothing";
    WindowClient.prototype.focus = async () => void (done = "focus");
    clients.openWindow = async (address) => void (done = address);
    const event = new NotificationEvent("notificationclick", { notification });
    let work;
    event.waitUntil = (promise) => void (work = promise);
    dispatchEvent(event);
    await work;
    return done;
  })()`);
}
