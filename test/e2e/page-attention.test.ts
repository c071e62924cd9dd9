// What calls for the reader's attention: notifications, their sound and the count in the title, each as chosen.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchWholeBrowser } from "../helpers/browser.ts";
import {
  callOneself,
  inSettings,
  isAtWork,
  type Pages,
  type Person,
  part,
  post,
  startPages,
} from "../helpers/page.ts";
import { startServe } from "../helpers/service.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages(startServe, launchWholeBrowser);
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

type Choice = "Off" | "Mentions only" | "All messages";

/** Somebody's window in a room; they may be notified, and what they are told and hear is noted. */
async function notifiable(room: string): Promise<{ person: Person; page: Page }> {
  const person = await pages.person({ permissions: ["notifications"] });
  await note(person);
  const page = await person.open(room);
  await isAtWork(page);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  return { person, page };
}

async function ann(room: string): Promise<{ person: Person; page: Page }> {
  const { person, page } = await notifiable(room);
  await callOneself(page, "Ann");
  await part.people(page).getByText("Ann").waitFor();
  return { person, page };
}

function choose(page: Page, choice: Choice): Promise<void> {
  return inSettings(page, (settings) => settings.getByLabel("Notifications").selectOption(choice));
}

/** Another tab comes to the front, as it does when somebody reads something else. */
async function lookAway({ context }: Person, page: Page): Promise<void> {
  // Playwright makes every page believe that it is in front.
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setFocusEmulationEnabled", { enabled: false });
  await page.bringToFront();
  await (await context.newPage()).bringToFront();
  await expect.poll(() => page.evaluate(() => document.hasFocus())).toBe(false);
}

async function lookAgain(page: Page): Promise<void> {
  await page.bringToFront();
  await expect.poll(() => page.evaluate(() => document.hasFocus())).toBe(true);
}

/** Notes, in each document of the person's, its notifications' texts, its badges, and whatever begins to sound. */
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

/** Texts of the notifications that these tabs have shown since they were loaded. */
async function shown(...tabs: Page[]): Promise<string[]> {
  return (await Promise.all(tabs.map((tab) => tab.evaluate<string[]>("noted.shown")))).flat();
}

/** Counts that the page has put on the installed app's icon, one after the other. */
const badges = (page: Page): Promise<number[]> => page.evaluate<number[]>("noted.badges");

/** How often something began to sound in these tabs since they were loaded. */
async function sounds(...tabs: Page[]): Promise<number> {
  const counts = await Promise.all(tabs.map((tab) => tab.evaluate<number>("noted.sounds")));
  return counts.reduce((sum, count) => sum + count);
}

/**
 * The notifications that the browser now shows, by their texts. Not to be asked for while one may be about to be
 * shown: Chromium compares what it has stored with what it shows, and forgets what it has stored just before.
 */
function notifications(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ body }) => body);
  });
}

/** Waits until these tabs have shown notifications of these texts and of no others, and the browser shows them. */
async function areTold(tabs: readonly [Page, ...Page[]], texts: string[]): Promise<void> {
  const expected = [...texts].sort();
  await expect.poll(async () => (await shown(...tabs)).sort()).toEqual(expected);
  expect((await notifications(tabs[0])).sort()).toEqual(expected);
}

/** A text that does not fit on one screen. */
const long = (start: string): string => `${start}\n${"and so on\n".repeat(80)}`;

describe("a notification", () => {
  test("is shown for nothing until it is asked for", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await lookAway(person, page);
    await post(pages, room, "Bob", "@Ann unasked");
    await part.message(page, "unasked").waitFor();
    await lookAgain(page);
    await choose(page, "All messages");
    await lookAway(person, page);
    await post(pages, room, "Bob", "asked for");
    await areTold([page], ["asked for"]);
    expect(await sounds(page)).toBe(0);
  });

  test("is shown for mentions alone where that is chosen, and only while nobody looks", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "Mentions only");
    await post(pages, room, "Bob", "@Ann you are looking");
    await part.message(page, "you are looking").waitFor();
    await lookAway(person, page);
    await post(pages, room, "Bob", "for nobody, not even @Annie");
    await post(pages, room, "Bob", "for you, @ann");
    await areTold([page], ["for you, @ann"]);
  });

  test("is not shown by a tab in the back while another one of the room is in front", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "All messages");
    await lookAway(person, page);
    const front = await person.open(room);
    await isAtWork(front);
    // A tab that is looked at holds a lock by which the others know.
    const isLookedAt = () =>
      page.evaluate(async (name) => {
        const { held = [] } = await navigator.locks.query();
        return held.some((lock) => lock.name?.endsWith(`:${name}`));
      }, room);
    await expect.poll(isLookedAt).toBe(true);
    await post(pages, room, "Bob", "seen in front");
    await part.message(page, "seen in front").waitFor();
    await part.message(front, "seen in front").waitFor();
    await front.close();
    // The browser gives back what a closed tab held a little later.
    await expect.poll(isLookedAt).toBe(false);
    await post(pages, room, "Bob", "seen by nobody");
    await areTold([page], ["seen by nobody"]);
  });

  test("is shown once, with one sound, however many tabs of the room are in the back", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "All messages");
    await inSettings(page, (settings) => settings.getByLabel("Play a sound").check());
    const [second, third] = [await person.open(room), await person.open(room)];
    const tabs = [page, second, third] as const;
    for (const tab of tabs) await isAtWork(tab);
    for (const tab of tabs) await lookAway(person, tab);
    const texts = ["one", "two", "three"];
    for (const text of texts) {
      await post(pages, room, "Bob", text);
      for (const tab of tabs) await part.message(tab, text).waitFor();
    }
    await areTold(tabs, texts);
    expect(await sounds(...tabs)).toBe(3);
  });

  test("is shown for every message of others where that is chosen, with who and where", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    const elsewhere = await person.open(room);
    await isAtWork(elsewhere);
    await choose(page, "All messages");
    await part.field(elsewhere).fill("from my other tab");
    await lookAway(person, elsewhere);
    await lookAway(person, page);
    // A click of the mouse would bring the tab to the front.
    await part.send(elsewhere).dispatchEvent("click");
    await part.message(page, "from my other tab").waitFor();
    await post(pages, room, "Bob", "anything");
    await areTold([page, elsewhere], ["anything"]);
    const title = await page.evaluate(async () => {
      const [shown] = await (await navigator.serviceWorker.ready).getNotifications();
      return shown?.title;
    });
    expect(title).toBe(`Bob · ${room}`);
  });

  test("is not shown for a muted room, which the list of rooms says is muted, until it is no longer", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "All messages");
    await inSettings(page, async (settings) => {
      await settings.getByLabel("Play a sound").check();
      await settings.getByLabel("Mute this room").check();
    });
    await page.getByRole("link", { name: `${room} muted` }).waitFor();
    await lookAway(person, page);
    await post(pages, room, "Bob", "@Ann in vain");
    await part.message(page, "in vain").waitFor();
    expect(await sounds(page)).toBe(0);
    await lookAgain(page);
    await page.reload();
    await isAtWork(page);
    await inSettings(page, (settings) => settings.getByLabel("Mute this room").uncheck());
    await lookAway(person, page);
    await post(pages, room, "Bob", "no longer in vain");
    await areTold([page], ["no longer in vain"]);
  });

  test("reaches who has not chosen a name, by the one that the room gave", async () => {
    const room = pages.freshRoom();
    const { person, page } = await notifiable(room);
    const name = await part
      .people(page)
      .getByText(/^guest-/)
      .textContent();
    await choose(page, "Mentions only");
    await lookAway(person, page);
    await post(pages, room, "Bob", `welcome, @${name}`);
    await areTold([page], [`welcome, @${name}`]);
  });

  test("leads to its message: in the tab of its room, else in a new one", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "All messages");
    await lookAway(person, page);
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

  test("that the browser refuses is said so in words, and stays switched off", async () => {
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

  test("that the browser refuses from some day on is said so in words", async () => {
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
  test("is played with a notification where that is chosen, and with nothing else", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "Mentions only");
    await lookAway(person, page);
    await post(pages, room, "Bob", "@Ann without a sound");
    await expect.poll(() => shown(page)).toHaveLength(1);
    expect(await sounds(page)).toBe(0);
    await lookAgain(page);
    await inSettings(page, (settings) => settings.getByLabel("Play a sound").check());
    await post(pages, room, "Bob", "@Ann while you look");
    await part.message(page, "while you look").waitFor();
    await lookAway(person, page);
    await post(pages, room, "Bob", "not for you");
    await post(pages, room, "Bob", "@Ann with a sound");
    await expect.poll(() => shown(page)).toHaveLength(2);
    expect(await sounds(page)).toBe(1);
  });
});

describe("the title and the icons", () => {
  test("count what is unread, but not in a muted room", async () => {
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
    await expect.poll(() => badges(page)).toEqual([1, 0, 2, 0]);
    await expect.poll(drawn).toBe(plain);
  });
});

/**
 * Clicks the notification whose text begins so, as no browser without a screen can. Gives what the service
 * worker did: focused a tab, or opened an address; both need a real click, so they are noted and not done.
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
