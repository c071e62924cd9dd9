/**
 * The page's bench: `node test/bench/page.ts` measures, in a browser whose CPU is slowed down, how soon the first
 * message shows, and how a room of many messages scrolls and is typed in. It prints one table.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { CDPSession, Page } from "playwright-core";
import * as v from "valibot";
import { launchWholeBrowser } from "../helpers/browser.ts";
import { part } from "../helpers/page.ts";
import { startServe } from "../helpers/service.ts";
import { fillRoom } from "./page/fill-room.ts";
import { type Task, traced } from "./page/trace.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "10000" },
    slowdown: { type: "string", default: "4" },
    openings: { type: "string", default: "9" },
  },
});
const messages = Number(values.messages);
const slowdown = Number(values.slowdown);
const openings = Number(values.openings);
if (!(messages > 0 && slowdown >= 1 && openings > 0)) throw new Error("the options are numbers");

const ROOM = "bench";
/** Speeds of scrolling, pixels a second: reading on, and looking for something long ago. */
const SPEEDS = { slowly: 1_500, fast: 15_000 };
const SCROLL_MS = 8_000;
/** Time between two frames of the screen, ms. */
const SCREEN_FRAME_MS = 16.7;
const KEYS = 120;
const KEY_INTERVAL_MS = 60;
/** Name of the function by which the page says when its first message was there. */
const TOLD = "firstMessageAt";

const service = await startServe({ vars: { MESSAGE_RATE: "0" } });
const browser = await launchWholeBrowser();
const before = loadavg();
try {
  const rows: string[][] = [];
  await fillRoom(service.socket(ROOM), messages);
  const times = [];
  for (let i = 0; i < openings; i += 1) times.push(await firstMessage());
  rows.push(row("first message, ms from the navigation", "1000", times));

  const page = await open();
  const { session } = page;
  await loadAll(page.page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  for (const [name, speed] of Object.entries(SPEEDS)) {
    const { shown, frames, blank } = await scroll(page.page, session, speed);
    rows.push(row(`scrolling ${name}, ms a frame on the screen`, "50", shown));
    rows.push(row(`scrolling ${name}, ms a frame of the page's scripts`, "", frames));
    rows.push(row(`scrolling ${name}, % of the view not drawn yet`, "", blank));
  }
  const { handling, all, paints } = await typeKeys(page.page, session);
  rows.push(row("typing, ms of CPU to take a key", "16", handling));
  rows.push(row("typing, ms of CPU until the next key, frames included", "", all));
  rows.push(row("typing, ms from the key to the next frame", "", paints));
  await page.page.context().close();
  rows.push(row("typing in a bare text field, ms of CPU to take a key", "", (await typeBare()).handling));

  const head = ["what", "target", "n", "p50", "p95", "p99", "worst"];
  for (const cells of [head, head.map(() => "---"), ...rows]) console.log(`| ${cells.join(" | ")} |`);
  const load = [before, loadavg()].map(([minute]) => minute?.toFixed(1));
  console.log(`${messages} messages; CPU slowed ${slowdown} times; load average ${load.join(" to ")}`);
} finally {
  await browser.close();
  await service.stop();
}

function row(name: string, target: string, values: readonly number[]): string[] {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN).toFixed(1);
  return [name, target, String(sorted.length), at(0.5), at(0.95), at(0.99), at(1)];
}

/** A new person's window, with an empty cache. */
async function open(): Promise<{ readonly page: Page; readonly session: CDPSession }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB" });
  const page = await context.newPage();
  return { page, session: await context.newCDPSession(page) };
}

/** How long after the navigation the first message is on the screen, ms. Nothing else is done in the page until then. */
async function firstMessage(): Promise<number> {
  const { page, session } = await open();
  await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  // The page tells it: whatever asks it from outside makes it read scripts of its own meanwhile.
  await session.send("Runtime.enable");
  await session.send("Runtime.addBinding", { name: TOLD });
  const told = new Promise<string>((done) =>
    session.on("Runtime.bindingCalled", ({ payload }) => done(payload)),
  );
  await page.addInitScript((tell) => {
    const observer = new MutationObserver(() => {
      if (document.querySelector("[role=log] article") === null) return;
      observer.disconnect();
      // After the frame that it is in has been made.
      requestAnimationFrame(() => setTimeout(() => Reflect.get(globalThis, tell)(String(performance.now()))));
    });
    observer.observe(document, { subtree: true, childList: true });
  }, TOLD);
  await page.goto(new URL(`/r/${ROOM}`, service.url).href, { waitUntil: "commit" });
  const time = Number(await told);
  await page.context().close();
  return time;
}

/** Scrolls up until the page has loaded all messages. */
async function loadAll(page: Page): Promise<void> {
  await page.goto(new URL(`/r/${ROOM}`, service.url).href);
  await page.getByRole("article").first().waitFor();
  await page.evaluate(async () => {
    const log = document.querySelector("[role=log]");
    while (log !== null && !log.textContent?.includes("This is the beginning of the room.")) {
      log.scrollTop = 0;
      await new Promise((done) => requestAnimationFrame(done));
    }
  });
}

/**
 * Scrolls up for a while as with a wheel: how long frames are on the screen, and for the page's scripts, ms, and how
 * much of the view is spacers in each of the latter, %.
 */
async function scroll(page: Page, session: CDPSession, speed: number) {
  await page.evaluate(() => {
    const log = document.querySelector("[role=log]");
    if (log !== null) log.scrollTop = log.scrollHeight;
  });
  await page.evaluate(() => new Promise((done) => setTimeout(done, 1_000)));
  const handle = await page.evaluateHandle((SCREEN_FRAME_MS) => {
    const found: { frames: number[]; blank: number[]; ended: boolean } = {
      frames: [],
      blank: [],
      ended: false,
    };
    const log = document.querySelector("[role=log]");
    interface Drawn {
      readonly at: number;
      readonly scrollTop: number;
      readonly view: DOMRect;
      readonly spacers: readonly DOMRect[];
    }
    const drawnAt = (at: number): Drawn => {
      const parts = [...(log?.firstElementChild?.children ?? [])];
      const spacers = parts.filter((part) => part.hasAttribute("data-spacer"));
      return {
        at,
        scrollTop: log?.scrollTop ?? 0,
        view: log?.getBoundingClientRect() ?? new DOMRect(),
        spacers: spacers.map((spacer) => spacer.getBoundingClientRect()),
      };
    };
    /** Share of the view that spacers cover, %, once the compositor has scrolled by `pixels`. */
    const blankAfter = ({ view, spacers }: Drawn, pixels: number): number => {
      const covered = spacers.map(({ top, bottom }) =>
        Math.max(0, Math.min(bottom, view.bottom + pixels) - Math.max(top, view.top + pixels)),
      );
      return (100 * covered.reduce((sum, height) => sum + height, 0)) / view.height;
    };
    let last = drawnAt(performance.now());
    const frame = (now: number): void => {
      if (found.ended) return;
      const drawn = drawnAt(now);
      found.frames.push(now - last.at);
      // Until this frame, the compositor has scrolled on over what the last one drew.
      const steps = Math.max(1, Math.round((now - last.at) / SCREEN_FRAME_MS));
      for (let step = 1; step <= steps; step += 1)
        found.blank.push(blankAfter(last, ((drawn.scrollTop - last.scrollTop) * step) / steps));
      last = drawn;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return found;
  }, SCREEN_FRAME_MS);
  const { shown } = await traced(session, async () => {
    await session.send("Input.synthesizeScrollGesture", {
      x: 640,
      y: 400,
      yDistance: (speed * SCROLL_MS) / 1_000,
      speed,
      gestureSourceType: "mouse",
      preventFling: true,
    });
    await handle.evaluate((found) => {
      found.ended = true;
    });
  });
  const found = v.parse(
    v.object({ frames: v.array(v.number()), blank: v.array(v.number()) }),
    await handle.jsonValue(),
  );
  return { shown, frames: found.frames.slice(1), blank: found.blank };
}

/** What a key costs the browser itself: the same, in a page that is nothing but a text field. */
async function typeBare() {
  const { page, session } = await open();
  await page.setContent('<textarea aria-label="Message"></textarea>');
  await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  const typed = await typeKeys(page, session);
  await page.context().close();
  return typed;
}

/** Types, at the latest message: the main thread's CPU time from one key to the next, and the waits for a frame, ms. */
async function typeKeys(page: Page, session: CDPSession) {
  await part.field(page).focus();
  const waits = await page.evaluateHandle(() => {
    const found: number[] = [];
    addEventListener("keydown", ({ timeStamp }) =>
      requestAnimationFrame(() => setTimeout(() => found.push(performance.now() - timeStamp))),
    );
    return found;
  });
  const text = "the quick brown fox jumps over a lazy dog ".repeat(10).slice(0, KEYS);
  const { tasks } = await traced(session, () => page.keyboard.type(text, { delay: KEY_INTERVAL_MS }));
  const starts = tasks.filter(({ keysDown }) => keysDown > 0).map(({ at }) => at);
  const sums = (cost: (task: Task) => number) =>
    starts.map((start, index) => {
      const end = starts[index + 1] ?? start + KEY_INTERVAL_MS;
      const own = tasks.filter((task) => task.at >= start && task.at < end);
      return own.reduce((sum, task) => sum + cost(task), 0);
    });
  const handling = sums((task) => task.handling);
  const all = sums(({ cpu }) => cpu);
  return { handling, all, paints: v.parse(v.array(v.number()), await waits.jsonValue()) };
}
