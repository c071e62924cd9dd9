// The timeline in a browser: scrolling, loading, unread messages.
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  network,
  type Pages,
  part,
  post as postAs,
  postLines,
  readAll,
  say,
  startPages,
} from "../helpers/page.ts";
import { unlimitedService } from "../helpers/shared-services.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages(unlimitedService);
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

const post = (...range: [room: string, from: number, to: number, rest?: (line: number) => string]) =>
  postLines(pages, ...range);

/** Returns the distance from the top of the window to the message with `text`, px. */
function heightOf(page: Page, text: string): Promise<number> {
  return part.message(page, text).evaluate((message) => Math.round(message.getBoundingClientRect().top));
}

const atEnd = (page: Page): Promise<boolean> =>
  part.log(page).evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 2);

/** Scrolls to a message, and waits until the page has handled the scroll event: it precedes the frame's callbacks. */
async function scrollTo(page: Page, text: string): Promise<void> {
  await part.message(page, text).evaluate(async (message) => {
    message.scrollIntoView({ block: "center" });
    await new Promise(requestAnimationFrame);
  });
}

/** Holds the requests for older messages that `page` sends from now on. Returns a function that sends them. */
async function holdHistory(page: Page): Promise<() => Promise<void>> {
  const held = await page.evaluateHandle(() => {
    const { send } = WebSocket.prototype;
    const sends: (() => void)[] = [];
    WebSocket.prototype.send = function (data) {
      if (String(data).includes('"type":"history"')) sends.push(() => send.call(this, data));
      else send.call(this, data);
    };
    return { sends, restore: () => Object.assign(WebSocket.prototype, { send }) };
  });
  return () =>
    held.evaluate(({ sends, restore }) => {
      restore();
      for (const send of sends) send();
    });
}

describe("scrolling", () => {
  test("stays at the end for new messages unless the reader scrolled up", async () => {
    const room = pages.freshRoom();
    await post(room, 1, 45);
    const page = await (await pages.person()).open(room);
    await part.message(page, "line 45.").waitFor();
    await expect.poll(() => atEnd(page)).toBe(true);
    await post(room, 46, 47);
    await part.message(page, "line 47.").waitFor();
    await expect.poll(() => atEnd(page)).toBe(true);

    await scrollTo(page, "line 10.");
    const before = await heightOf(page, "line 10.");
    await post(room, 48, 50);
    await page.getByRole("button", { name: "3 new messages" }).waitFor();
    expect(await heightOf(page, "line 10.")).toBe(before);
    await page.getByRole("button", { name: "3 new messages" }).click();
    await expect.poll(() => atEnd(page)).toBe(true);
    await page.getByRole("button", { name: /new messages|latest/ }).waitFor({ state: "detached" });
  });

  test("goes to the own message when it is sent", async () => {
    const room = pages.freshRoom();
    await post(room, 1, 45);
    const page = await (await pages.person()).open(room);
    await part.message(page, "line 45.").waitFor();
    await scrollTo(page, "line 10.");
    await page.getByRole("button", { name: "Jump to latest" }).waitFor();
    await part.field(page).fill("my own");
    await part.field(page).press("Enter");
    await part.message(page, "my own").getByRole("time").waitFor();
    await expect.poll(() => atEnd(page)).toBe(true);
    await page.getByRole("button", { name: "Jump to latest" }).waitFor({ state: "detached" });
    expect(await part.field(page).evaluate((field) => field === document.activeElement)).toBe(true);
  });

  test("loads all earlier messages in order", async () => {
    const room = pages.freshRoom();
    await post(room, 1, 320);
    const page = await (await pages.person()).open(room);
    await part.message(page, "line 320.").waitFor();
    const texts = await readAll(page);
    await page.getByText("This is the beginning of the room.").waitFor();
    expect([...texts.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 320 }, (_, i) => i + 1));
    for (const [seq, text] of texts) expect(text).toContain(`line ${seq}.`);
  });

  test("keeps the visible messages in place when older ones are loaded", async () => {
    const room = pages.freshRoom();
    await post(room, 1, 200);
    const page = await (await pages.person({ viewport: { width: 800, height: 400 } })).open(room);
    await part.message(page, "line 200.").waitFor();
    await page.locator("css=[role=log][aria-busy=true]").waitFor({ state: "detached" });
    const moved = await page.evaluate(async () => {
      const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
      const log = document.querySelector("[role=log]");
      const rows = () => [...document.querySelectorAll("[role=log] article")];
      const count = rows().length;
      const seen = rows()[4];
      log?.scrollTo(0, 100);
      let before = 0;
      while (rows().length === count) {
        before = seen?.getBoundingClientRect().top ?? 0;
        await frame();
      }
      for (let i = 0; i < 5; i += 1) await frame();
      return Math.abs((seen?.getBoundingClientRect().top ?? 0) - before);
    });
    expect(moved).toBeLessThanOrEqual(1);
  });

  test("draws the messages near the view, and focused and selected ones", async () => {
    const room = pages.freshRoom();
    await post(room, 1, 320);
    const page = await (await pages.person()).open(room);
    await part.message(page, "line 320.").waitFor();
    await readAll(page);
    const drawn = await page.getByRole("article").count();
    expect(drawn).toBeLessThan(200);
    expect(await part.message(page, "line 200.").count()).toBe(0);

    // The keys continue from the focused message, even far from the view.
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    await part.log(page).press("Home");
    await expect.poll(focused).toContain("line 1.");
    await part.log(page).evaluate((log) => log.scrollTo(0, log.scrollHeight));
    await expect.poll(() => atEnd(page)).toBe(true);
    await part.message(page, "line 310.").waitFor();
    await page.keyboard.press("ArrowDown");
    await expect.poll(focused).toContain("line 2.");
    expect(await heightOf(page, "line 2.")).toBeGreaterThan(0);
    await page.keyboard.press("End");
    await expect.poll(focused).toContain("line 320.");
    await page.keyboard.press("ArrowUp");
    await expect.poll(focused).toContain("line 319.");

    // A selection can be copied completely, from one end of the room to the other.
    await part.message(page, "line 315.").evaluate((message) => {
      getSelection()?.selectAllChildren(message);
    });
    await part.log(page).evaluate((log) => log.scrollTo(0, 0));
    await part.message(page, "line 5.").evaluate((message) => getSelection()?.extend(message, 0));
    const selected = () => page.evaluate(() => getSelection()?.toString() ?? "");
    await expect.poll(selected).toContain("line 200.");
    const text = await selected();
    for (let line = 6; line < 315; line += 1) expect(text).toContain(`line ${line}.`);
  });

  test("moves by exactly the scrolled distance when messages above are drawn", async () => {
    const room = pages.freshRoom();
    await post(room, 1, 240, (line) => "\nmore".repeat((line * 7) % 5));
    const page = await (await pages.person()).open(room);
    await part.message(page, "line 240.").waitFor();
    const errors = await part.log(page).evaluate(async (log) => {
      const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
      const step = 90;
      const errors: number[] = [];
      while (log.textContent?.includes("line 20.") !== true) {
        const { top } = log.getBoundingClientRect();
        const seen = [...log.querySelectorAll("article")].find(
          (message) => message.getBoundingClientRect().top > top + 20,
        );
        const before = seen?.getBoundingClientRect().top ?? 0;
        const from = log.scrollTop;
        log.scrollTop = Math.max(0, from - step);
        const scrolled = from - log.scrollTop;
        for (let i = 0; i < 4; i += 1) await frame();
        errors.push(Math.abs((seen?.getBoundingClientRect().top ?? 0) - before - scrolled));
      }
      return errors;
    });
    expect(errors.length).toBeGreaterThan(50);
    expect(Math.max(...errors)).toBeLessThanOrEqual(1);
  });

  test("stays at the end when the window gets smaller", async () => {
    const room = pages.freshRoom();
    await post(room, 1, 40);
    const page = await (await pages.person()).open(room);
    await part.message(page, "line 40.").waitFor();
    await page.setViewportSize({ width: 400, height: 350 });
    await expect.poll(() => atEnd(page)).toBe(true);
  });
});

describe("a link to a message", () => {
  test("that is old loads the messages between and scrolls to it", async () => {
    const room = pages.freshRoom();
    await post(room, 1, 260);
    const page = await (await pages.person()).open(room, 7);
    await expect
      .poll(() => part.message(page, "line 7.").evaluateAll(([it]) => it === document.activeElement))
      .toBe(true);
    const box = await part.message(page, "line 7.").boundingBox();
    expect(box?.y).toBeGreaterThan(0);
    expect(box?.y).toBeLessThan(800);
    expect(await page.getByText("Looking for the message…").count()).toBe(0);
    await page.getByRole("button", { name: "Jump to latest" }).click();
    await expect.poll(() => atEnd(page)).toBe(true);
  });

  test("that does not exist shows an explanation", async () => {
    const room = pages.freshRoom();
    await post(room, 1, 2);
    const page = await (await pages.person()).open(room, 3);
    await page.getByText("This message is no longer available.").waitFor();
    await part.message(page, "line 2.").waitFor();
  });
});

describe("new messages", () => {
  test("since the last visit are under a line", async () => {
    const room = pages.freshRoom();
    await post(room, 1, 3);
    const person = await pages.person();
    const page = await person.open(room);
    await part.message(page, "line 3.").waitFor();
    await page.goto(new URL("/", page.url()).href);
    await part.status(page).filter({ hasText: "Connected" }).waitFor();
    await post(room, 4, 5);
    await page.goto(new URL(`/r/${room}`, page.url()).href);
    await page.getByText("New messages").waitFor();
    const order = await part.log(page).evaluate((log) => log.textContent ?? "");
    expect(order.indexOf("New messages")).toBeGreaterThan(order.indexOf("line 3."));
    expect(order.indexOf("New messages")).toBeLessThan(order.indexOf("line 4."));
  });

  test("are counted in the title while the reader is scrolled up", async () => {
    const room = pages.freshRoom();
    await post(room, 1, 45);
    const page = await (await pages.person()).open(room);
    await part.message(page, "line 45.").waitFor();
    await expect.poll(() => page.title()).toBe(`${room} · edge-chat`);
    await scrollTo(page, "line 5.");
    await post(room, 46, 47);
    await expect.poll(() => page.title()).toBe(`(2) ${room} · edge-chat`);
    await expect
      .poll(() => page.locator("css=link[rel=icon]").getAttribute("href"))
      .toMatch(/^data:image\/png/);
    await page.getByRole("button", { name: "2 new messages" }).click();
    await expect.poll(() => page.title()).toBe(`${room} · edge-chat`);
  });

  test("are announced once, when they are in the room", async () => {
    const page = await (await pages.person()).open(pages.freshRoom());
    expect(await part.log(page).getAttribute("aria-relevant")).toBe("additions");
    await page.evaluate(() => {
      const log = document.querySelector("[role=log]");
      const added: string[] = [];
      Object.assign(globalThis, { added });
      new MutationObserver((records) => {
        for (const node of records.flatMap((record) => [...record.addedNodes])) {
          const live = node instanceof Element ? node.closest("[aria-live]") : null;
          if (live === null && node.textContent?.includes("hear me")) added.push(node.textContent);
        }
      }).observe(log ?? document.body, { childList: true, subtree: true });
    });
    await say(page, "hear me");
    expect(await page.evaluate(() => (globalThis as unknown as { added: string[] }).added.length)).toBe(1);
  });
});

describe("a gap", () => {
  /** Opens a room with a gap after "line 2."; the messages from "line 1021." on follow it. */
  async function openWithGap(room: string): Promise<Page> {
    const person = await pages.person({ name: "Ann" });
    const { online } = await network(person);
    const page = await person.open(room);
    await post(room, 1, 2);
    await part.message(page, "line 2.").waitFor();
    await online(false);
    await post(room, 3, 1_070);
    await online(true);
    await part.message(page, "line 1070.").waitFor();
    await page.getByText("Some messages here are not loaded.").waitFor();
    return page;
  }

  test("after a long absence is shown, and is loaded on request", async () => {
    const page = await openWithGap(pages.freshRoom());
    const load = page.getByRole("button", { name: "Load messages" });
    await load.focus();
    await page.keyboard.press("Enter");
    await part.message(page, "line 1000.").waitFor();
    // The focus stays where the gap was.
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    await expect.poll(focused).toContain("line 1021.");
    await page.keyboard.press("ArrowUp");
    expect(await focused()).toContain("line 1020.");
    // A jump to a message inside it loads as much of it as is needed.
    await page.evaluate(() => {
      location.hash = "#800";
    });
    await part.message(page, "line 800.").waitFor();
  });

  test("is still loading when its row is removed and drawn again meanwhile", async () => {
    const room = pages.freshRoom();
    const page = await openWithGap(room);
    await post(room, 1_071, 1_270, () => "\nmore".repeat(5));
    await part.message(page, "line 1270.").waitFor();
    const release = await holdHistory(page);
    const scrollToEdge = (edge: "top" | "end") =>
      part.log(page).evaluate((log, top) => log.scrollTo(0, top ? 0 : log.scrollHeight), edge === "top");
    const gap = page.locator("css=.gap");
    const button = gap.getByRole("button");

    await scrollToEdge("top");
    await button.click();
    await expect.poll(() => button.textContent()).toBe("Loading…");
    await scrollToEdge("end");
    // The row that had the focus last is not removed.
    await part.message(page, "line 1270.").focus();
    await part.log(page).evaluate((log) => log.scrollBy(0, -1));
    await gap.waitFor({ state: "detached" });
    await scrollToEdge("top");
    await gap.waitFor();
    expect(await button.textContent()).toBe("Loading…");
    expect(await button.getAttribute("aria-disabled")).toBe("true");

    await release();
    await expect.poll(() => button.textContent()).toBe("Load messages");
    expect(await button.getAttribute("aria-disabled")).toBe("false");
    await part.message(page, "line 921.").waitFor();
  });
});

describe("the layout", () => {
  /** Returns the distance from the bottom of one element to the top of another, px. */
  const distance = async (above: Locator, below: Locator): Promise<number> => {
    const [top, bottom] = [await above.boundingBox(), await below.boundingBox()];
    return (bottom?.y ?? NaN) - (top?.y ?? NaN) - (top?.height ?? NaN);
  };
  const textOf = (page: Page, text: string) => part.message(page, text).locator("css=.message-text");

  test("separates groups more than messages, and messages more than paragraphs", async () => {
    const room = pages.freshRoom();
    await postAs(pages, room, "Ann", "first\n\nparagraph");
    await postAs(pages, room, "Ann", "second");
    await postAs(pages, room, "Bob", "third");
    const page = await (await pages.person()).open(room);
    await part.message(page, "third").waitFor();
    const paragraphs = part.message(page, "first").locator("css=p + p");
    expect(
      await distance(part.message(page, "first").locator("css=.message-text p").first(), paragraphs),
    ).toBeCloseTo(4, 0);
    expect(await distance(textOf(page, "first"), textOf(page, "second"))).toBeCloseTo(6, 0);
    expect(
      await distance(textOf(page, "second"), part.message(page, "third").locator("css=.message-head")),
    ).toBeCloseTo(16, 0);
  });

  test("limits the width of text and composer, but not of code, and aligns their left edges", async () => {
    const room = pages.freshRoom();
    await postAs(pages, room, "Ann", `${"long text ".repeat(80)}\n\n\`\`\`\n${"code ".repeat(80)}\n\`\`\``);
    const page = await (await pages.person({ viewport: { width: 2_000, height: 800 } })).open(room);
    const message = part.message(page, "long text");
    await message.waitFor();
    const rem = await page.evaluate(() =>
      Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
    );
    const box = async (locator: Locator) => (await locator.boundingBox()) ?? { x: NaN, width: NaN };
    expect((await box(message.locator("css=p").nth(1))).width).toBeLessThanOrEqual(46 * rem);
    expect((await box(message.locator("css=.code-block"))).width).toBeGreaterThan(46 * rem);
    const composer = await box(page.locator("css=.composer-row"));
    expect(composer.width).toBeLessThanOrEqual(49 * rem);
    expect((await box(message.locator("css=.avatar"))).x).toBeCloseTo(composer.x, 0);
    expect((await box(page.getByRole("heading", { level: 1 }))).x).toBeCloseTo(composer.x, 0);
  });

  test("keeps the toolbar of a tall message in view, and its menu below it", async () => {
    const room = pages.freshRoom();
    await postAs(pages, room, "Ann", `tall\n${"line\n".repeat(60)}`);
    await postLines(pages, room, 1, 3);
    const page = await (await pages.person()).open(room);
    await part.message(page, "line 3.").waitFor();
    const message = part.message(page, "tall");
    await part.log(page).evaluate((log) => log.scrollTo(0, 300));
    await page.mouse.move(640, 300);
    const toolbar = message.getByRole("group", { name: "Message actions" });
    await toolbar.waitFor();
    const bar = (await toolbar.boundingBox()) ?? { x: NaN, y: NaN, width: NaN, height: NaN };
    const log = (await part.log(page).boundingBox()) ?? { y: NaN, height: NaN };
    expect(bar.y).toBeGreaterThanOrEqual(log.y);
    expect(bar.y + bar.height).toBeLessThan(log.y + 100);
    expect(await toolbar.textContent()).not.toMatch(/\d{4}/);
    await toolbar.getByRole("button", { name: "More" }).click();
    const menu = (await part.dialog(page, "Message actions").boundingBox()) ?? { x: NaN, y: NaN, width: NaN };
    expect(menu.x + menu.width).toBeCloseTo(bar.x + bar.width, 0);
    expect(menu.y).toBeCloseTo(bar.y + bar.height, 0);
  });

  test("tints messages that mention the reader", async () => {
    const room = pages.freshRoom();
    const page = await (await pages.person({ name: "Ann" })).open(room);
    await postAs(pages, room, "Bob", "@Ann look");
    await postAs(pages, room, "Bob", "@Anna look, too");
    const background = (text: string) =>
      part.message(page, text).evaluate((message) => getComputedStyle(message).backgroundColor);
    await part.message(page, "too").waitFor();
    expect(await background("@Ann look")).not.toBe(await background("too"));
  });

  test("shows the day of the messages in view while the reader is scrolled up", async () => {
    const room = pages.freshRoom();
    await postLines(pages, room, 1, 45);
    const page = await (await pages.person()).open(room);
    await part.message(page, "line 45.").waitFor();
    const day = page.locator("css=.view-day");
    expect(await day.count()).toBe(0);
    await scrollTo(page, "line 20.");
    await expect.poll(() => day.textContent()).toBe("Today");
    // The line of the day itself is in view.
    await part.log(page).evaluate((log) => log.scrollTo(0, 0));
    await day.waitFor({ state: "detached" });
  });

  test("shows beside the time that a message was edited", async () => {
    const page = await (await pages.person({ locale: "en-US" })).open(pages.freshRoom());
    await say(page, "helo");
    await part.field(page).press("ArrowUp");
    await part.field(page).fill("hello");
    await part.field(page).press("Enter");
    const head = part.message(page, "hello").locator("css=.message-head");
    await expect.poll(() => head.textContent()).toMatch(/[1-9]\d?:\d\d [AP]Medited$/);
  });
});
