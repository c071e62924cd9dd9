// What calls for the reader's attention: notifications, their sound and the count in the title, each as chosen.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callOneself, inSettings, type Pages, type Person, part, post, startPages } from "../helpers/page.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterAll(() => pages.stop());

type Choice = "None" | "When I am mentioned" | "For every message";

/** Ann's window in a fresh room; she may be notified, and what she hears is counted. */
async function ann(room: string): Promise<{ person: Person; page: Page }> {
  const person = await pages.person({ permissions: ["notifications"] });
  await countSounds(person);
  const page = await person.open(room);
  await isAtWork(page, room);
  await callOneself(page, "Ann");
  await part.people(page).getByText("Ann").waitFor();
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  return { person, page };
}

/** Waits until the page hears what happens in the room and does all that it does in the background. */
async function isAtWork(page: Page, room: string): Promise<void> {
  await part.status(page).filter({ hasText: "Connected" }).waitFor();
  // The title is set together with what runs in the background.
  await expect.poll(() => page.title()).toBe(`${room} · edge-chat`);
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

/** The notifications that the browser shows, by their texts. */
function notifications(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ body }) => body);
  });
}

/** Counts whatever begins to sound, by whichever way. */
async function countSounds({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    let sounds = 0;
    Object.defineProperty(globalThis, "sounds", { get: () => sounds });
    for (const [kind, name] of [
      [AudioScheduledSourceNode.prototype, "start"],
      [HTMLMediaElement.prototype, "play"],
    ] as const) {
      const begin: (...args: unknown[]) => unknown = Reflect.get(kind, name);
      Reflect.set(kind, name, function (this: unknown, ...args: unknown[]) {
        sounds += 1;
        return Reflect.apply(begin, this, args);
      });
    }
  });
}

const sounds = (page: Page): Promise<number> => page.evaluate<number>("sounds");

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
    await choose(page, "For every message");
    await lookAway(person, page);
    await post(pages, room, "Bob", "asked for");
    await expect.poll(() => notifications(page)).toEqual(["asked for"]);
    expect(await sounds(page)).toBe(0);
  });

  test("is shown for mentions alone where that is chosen, and only while nobody looks", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "When I am mentioned");
    await post(pages, room, "Bob", "@Ann you are looking");
    await part.message(page, "you are looking").waitFor();
    await lookAway(person, page);
    await post(pages, room, "Bob", "for nobody, not even @Annie");
    await post(pages, room, "Bob", "for you, @ann");
    await expect.poll(() => notifications(page)).toEqual(["for you, @ann"]);
  });

  test("is not shown by a tab in the back while another one of the room is in front", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "For every message");
    await lookAway(person, page);
    const front = await person.open(room);
    await isAtWork(front, room);
    await post(pages, room, "Bob", "seen in front");
    await part.message(page, "seen in front").waitFor();
    await part.message(front, "seen in front").waitFor();
    await front.close();
    // The browser gives back what a closed tab held a little later.
    const isHeld = () =>
      page.evaluate(async (name) => {
        const { held = [] } = await navigator.locks.query();
        return held.some((lock) => lock.name?.endsWith(`:${name}`));
      }, room);
    await expect.poll(isHeld).toBe(false);
    await post(pages, room, "Bob", "seen by nobody");
    await expect.poll(() => notifications(page)).toEqual(["seen by nobody"]);
  });

  test("is shown for every message of others where that is chosen, with who and where", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    const elsewhere = await person.open(room);
    await part.status(elsewhere).filter({ hasText: "Connected" }).waitFor();
    await choose(page, "For every message");
    await part.field(elsewhere).fill("from my other tab");
    await lookAway(person, elsewhere);
    await lookAway(person, page);
    // A click of the mouse would bring the tab to the front.
    await part.send(elsewhere).dispatchEvent("click");
    await part.message(page, "from my other tab").waitFor();
    await post(pages, room, "Bob", "anything");
    await expect.poll(() => notifications(page)).toEqual(["anything"]);
    const title = await page.evaluate(async () => {
      const [shown] = await (await navigator.serviceWorker.ready).getNotifications();
      return shown?.title;
    });
    expect(title).toBe(`Bob · Room ${room}`);
  });

  test("is not shown for a muted room, which the list of rooms says is muted, until it is no longer", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "For every message");
    await inSettings(page, async (settings) => {
      await settings.getByLabel("Play a sound with them").check();
      await settings.getByLabel("Mute this room").check();
    });
    await page.getByRole("link", { name: `${room} muted` }).waitFor();
    await lookAway(person, page);
    await post(pages, room, "Bob", "@Ann in vain");
    await part.message(page, "in vain").waitFor();
    expect(await sounds(page)).toBe(0);
    await lookAgain(page);
    await page.reload();
    await isAtWork(page, room);
    await inSettings(page, (settings) => settings.getByLabel("Mute this room").uncheck());
    await lookAway(person, page);
    await post(pages, room, "Bob", "no longer in vain");
    await expect.poll(() => notifications(page)).toEqual(["no longer in vain"]);
  });

  test("reaches who has not chosen a name, by the one that the room gave", async () => {
    const room = pages.freshRoom();
    const person = await pages.person({ permissions: ["notifications"] });
    const page = await person.open(room);
    const name = await part
      .people(page)
      .getByText(/^guest-/)
      .textContent();
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await choose(page, "When I am mentioned");
    await lookAway(person, page);
    await post(pages, room, "Bob", `welcome, @${name}`);
    await expect.poll(() => notifications(page)).toEqual([`welcome, @${name}`]);
  });

  test("leads to its message: in the tab of its room, else in a new one", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "For every message");
    await lookAway(person, page);
    await post(pages, room, "Bob", long("the beginning"));
    await post(pages, room, "Bob", "the end");
    await expect.poll(() => notifications(page)).toHaveLength(2);
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    expect(await clickNotification(person, "the beginning")).toBe("focus");
    await expect.poll(focused).toContain("the beginning");
    expect(await clickNotification(person, "the end")).toBe("focus");
    await expect.poll(focused).toContain("the end");
    expect(await notifications(page)).toEqual([]);

    await post(pages, room, "Bob", "when the tab is gone");
    await expect.poll(() => notifications(page)).toHaveLength(1);
    await page.close();
    expect(await clickNotification(person, "when the tab is gone")).toBe(
      new URL(`/r/${room}#3`, pages.service.url).href,
    );
  });

  test("that the browser refuses is said so in words, and stays switched off", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    await inSettings(page, async (settings) => {
      const choice = settings.getByLabel("Notifications");
      await choice.selectOption("For every message");
      await settings.getByRole("alert").filter({ hasText: "The browser blocks notifications" }).waitFor();
      await expect.poll(() => choice.locator("option:checked").textContent()).toBe("None");
      await choice.selectOption("None");
      await settings.getByRole("alert").waitFor({ state: "detached" });
    });
  });

  test("that the browser refuses from some day on is said so in words", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "For every message");
    await person.context.clearPermissions();
    await person.context.grantPermissions(["clipboard-read"]);
    await inSettings(page, (settings) =>
      settings.getByRole("alert").filter({ hasText: "The browser blocks notifications" }).waitFor(),
    );
  });
});

describe("a sound", () => {
  test("is played with a notification where that is chosen, and with nothing else", async () => {
    const room = pages.freshRoom();
    const { person, page } = await ann(room);
    await choose(page, "When I am mentioned");
    await lookAway(person, page);
    await post(pages, room, "Bob", "@Ann without a sound");
    await expect.poll(() => notifications(page)).toHaveLength(1);
    expect(await sounds(page)).toBe(0);
    await lookAgain(page);
    await inSettings(page, (settings) => settings.getByLabel("Play a sound with them").check());
    await post(pages, room, "Bob", "@Ann while you look");
    await part.message(page, "while you look").waitFor();
    await lookAway(person, page);
    await post(pages, room, "Bob", "not for you");
    await post(pages, room, "Bob", "@Ann with a sound");
    await expect.poll(() => notifications(page)).toHaveLength(2);
    expect(await sounds(page)).toBe(1);
  });
});

describe("the title", () => {
  test("counts what is unread, but not in a muted room", async () => {
    const room = pages.freshRoom();
    await post(pages, room, "Bob", long("the beginning"));
    const { page } = await ann(room);
    await part.message(page, "the beginning").waitFor();
    await part.log(page).evaluate((log) => log.scrollTo(0, 0));
    await page.getByRole("button", { name: "Jump to latest" }).waitFor();
    await post(pages, room, "Bob", "unseen");
    await page.getByRole("button", { name: "1 new message" }).waitFor();
    await expect.poll(() => page.title()).toBe(`(1) ${room} · edge-chat`);
    await inSettings(page, (settings) => settings.getByLabel("Mute this room").check());
    await expect.poll(() => page.title()).toBe(`${room} · edge-chat`);
    await post(pages, room, "Bob", "unseen, too");
    await page.getByRole("button", { name: "2 new messages" }).waitFor();
    expect(await page.title()).toBe(`${room} · edge-chat`);
    await inSettings(page, (settings) => settings.getByLabel("Mute this room").uncheck());
    await expect.poll(() => page.title()).toBe(`(2) ${room} · edge-chat`);
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
