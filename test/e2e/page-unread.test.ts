// Unread messages in a browser: where the view opens, the way to the first one, and when they count as read.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createRoom, type Pages, part, post as postAs, postLines, startPages } from "../helpers/page.ts";
import { unlimitedService } from "../helpers/shared-services.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages(unlimitedService);
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

const post = (room: string, from: number, to: number): Promise<void> => postLines(pages, room, from, to);

/** Opens a room with 60 messages and sees the latest. */
async function readUpTo60(): Promise<{ readonly room: string; readonly page: Page }> {
  const room = pages.freshRoom();
  await post(room, 1, 60);
  const page = await (await pages.person()).open(room);
  await part.message(page, "line 60.").waitFor();
  return { room, page };
}

/** Returns whether the message with `seq` is in the view. */
function isInView(page: Page, seq: number): Promise<boolean> {
  return part.log(page).evaluate((log, seq) => {
    const row = log.querySelector(`article[data-seq="${seq}"]`)?.getBoundingClientRect();
    const view = log.getBoundingClientRect();
    return row !== undefined && row.bottom > view.top && row.top < view.bottom;
  }, seq);
}

const unreadAbove = (page: Page) => page.getByRole("button", { name: /^\d+ new since \d\d:\d\d$/ });
const unreadLine = (page: Page) => part.log(page).getByText("New messages");

/** Overrides the visibility of a page: a browser without windows shows all its pages. */
function setVisibility(page: Page, state: "visible" | "hidden"): Promise<void> {
  return page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}

/** Leaves the room, awaits `whileAway` and returns. */
type Return = (page: Page, room: string, whileAway: () => Promise<void>) => Promise<void>;

const reload: Return = async (page, room, whileAway) => {
  await page.goto(new URL("/404", pages.service.url).href);
  await whileAway();
  await page.goto(new URL(`/r/${room}`, pages.service.url).href);
};
const changeRooms: Return = async (page, room, whileAway) => {
  await createRoom(page);
  await page.getByText("No messages yet").waitFor();
  await whileAway();
  await page.getByRole("list", { name: "Rooms" }).getByRole("link", { name: room }).click();
};

describe.each([
  ["a reload", reload],
  ["changing rooms", changeRooms],
])("after %s", (_, comeBack) => {
  test("the view opens at the first of 40 unread messages", async () => {
    const { room, page } = await readUpTo60();
    await comeBack(page, room, () => post(room, 61, 100));
    await unreadLine(page).waitFor();
    // Older messages are loaded above.
    await page.waitForFunction(() => document.querySelector("[role=log][aria-busy=false]") !== null);
    await page.getByRole("button", { name: /^\d+ new messages$/ }).waitFor();
    expect(await isInView(page, 61)).toBe(true);
    expect(await isInView(page, 100)).toBe(false);
  });

  test.each([60, 120, 1_300])("a button leads to the first of %d unread messages", async (count) => {
    const { room, page } = await readUpTo60();
    await comeBack(page, room, () => post(room, 61, 60 + count));
    await unreadAbove(page).click();
    await expect.poll(() => isInView(page, 61)).toBe(true);
    await unreadLine(page).waitFor();
    await unreadAbove(page).waitFor({ state: "detached" });
  });
});

test("a button leads to the first message received while the tab was hidden", async () => {
  const { room, page } = await readUpTo60();
  await setVisibility(page, "hidden");
  await post(room, 61, 140);
  await expect.poll(() => page.title()).toBe(`(80) ${room} · edge-chat`);
  await setVisibility(page, "visible");
  await part.message(page, "line 140.").waitFor();
  expect(await isInView(page, 140)).toBe(true);
  // The view shows some of the 80.
  const text = (await unreadAbove(page).textContent()) ?? "";
  expect(Number.parseInt(text, 10)).toBeGreaterThan(40);
  expect(Number.parseInt(text, 10)).toBeLessThan(80);
  await unreadAbove(page).click();
  await expect.poll(() => isInView(page, 61)).toBe(true);
});

test("messages of a hidden person never count as unread", async () => {
  const room = pages.freshRoom();
  await postAs(pages, room, "Bob", "noise");
  const page = await (await pages.person()).open(room);
  await part.message(page, "noise").getByRole("button", { name: "Bob" }).click();
  await setVisibility(page, "hidden");
  await postAs(pages, room, "Bob", "more noise");
  await postAs(pages, room, "Cleo", "hello");
  await expect.poll(() => page.title()).toBe(`(2) ${room} · edge-chat`);
  await page.getByRole("button", { name: "Hide on this device" }).click();
  await expect.poll(() => page.title()).toBe(`(1) ${room} · edge-chat`);
  await postAs(pages, room, "Bob", "still more noise");
  await postAs(pages, room, "Cleo", "hello again");
  await expect.poll(() => page.title()).toBe(`(2) ${room} · edge-chat`);
});

test("messages stay unread until they are shown", async () => {
  const { room, page } = await readUpTo60();
  await reload(page, room, () => post(room, 61, 140));
  await unreadAbove(page).waitFor();
  await reload(page, room, async () => undefined);
  await unreadAbove(page).click();
  await expect.poll(() => isInView(page, 61)).toBe(true);
  await part.log(page).evaluate(async (log) => {
    while (log.scrollHeight - log.scrollTop - log.clientHeight > 2) {
      log.scrollTop += log.clientHeight / 2;
      await new Promise(requestAnimationFrame);
    }
  });
  await expect.poll(() => page.title()).toBe(`${room} · edge-chat`);
  await reload(page, room, async () => undefined);
  await part.message(page, "line 140.").waitFor();
  await expect.poll(() => page.title()).toBe(`${room} · edge-chat`);
  expect(await unreadAbove(page).count()).toBe(0);
});

test("messages can be marked as read", async () => {
  const { room, page } = await readUpTo60();
  await reload(page, room, () => post(room, 61, 140));
  await unreadAbove(page).waitFor();
  await page.getByRole("button", { name: "Mark as read" }).click();
  await unreadAbove(page).waitFor({ state: "detached" });
  await reload(page, room, async () => undefined);
  await part.message(page, "line 140.").waitFor();
  await expect.poll(() => page.title()).toBe(`${room} · edge-chat`);
  expect(await unreadAbove(page).count()).toBe(0);
});
