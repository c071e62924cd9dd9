// Opens the service's page in a real browser, and records everything that a page must never do.
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Locator,
  Page,
  WebSocketRoute,
} from "playwright-core";
import * as v from "valibot";
import { en, type Strings } from "../../src/page/i18n/en.ts";
import { ENTRY_TEXTS } from "../../src/page/i18n/entry.ts";
import type { CommandError } from "../../src/protocol/errors.ts";
import { splitLines } from "../../src/protocol/frame.ts";
import type { ServerLine } from "../../src/protocol/server-lines.ts";
import { launchBrowser, sharedBrowser } from "./browser.ts";
import { openChat } from "./raw-socket.ts";
import type { Host } from "./service.ts";
import { sharedService } from "./shared-services.ts";
import { DEFAULT_TIMEOUT_MS } from "./wait.ts";

/** Messages that `postLines` sends before it waits for their answers. */
const LINES_AT_ONCE = 100;

/** Pages is one service and one browser for all tests of a file. Other files may share both. */
export interface Pages {
  readonly service: Host;
  readonly browser: Browser;
  /** Returns the name of a room that no other test uses. */
  freshRoom(): string;
  /** Returns a person with a separate browser context. */
  person(options?: PersonOptions): Promise<Person>;
  /** Closes all pages. Call after each test: open pages take CPU time from the next test. */
  leave(): Promise<void>;
  /** Closes all pages, and stops the service unless other files share it. */
  stop(): Promise<void>;
}

/** PersonOptions are those of the browser context, and what the browser has stored. */
export interface PersonOptions extends BrowserContextOptions {
  /** Display name that the person has chosen on an earlier visit. */
  readonly name?: string;
}

/** Person is a user with a browser context. */
export interface Person {
  readonly context: BrowserContext;
  /** Opens a room in a new tab; `hash` is a message's seq. */
  open(room: string, hash?: number): Promise<Page>;
  /** Forbidden things that the pages did: requests to other hosts, policy reports, dialogs, errors. */
  readonly wrongs: readonly string[];
}

/**
 * Options of a person whose pages install the service worker. It requests every file of the page, a quarter of the CPU
 * time of a short test, so the pages of other persons do not.
 */
export const INSTALLS: BrowserContextOptions = { serviceWorkers: "allow" };

/** Opens pages of the shared service, or of one that `start` starts, in a shared browser that `launch` starts. */
export async function startPages(
  start: () => Promise<Host> = sharedService,
  launch: () => Promise<Browser> = launchBrowser,
): Promise<Pages> {
  const [service, browser] = await Promise.all([start(), sharedBrowser(launch)]);
  const file = randomBytes(3).toString("hex");
  let rooms = 0;
  const leave = async (): Promise<void> => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  };
  return {
    service,
    browser,
    freshRoom: () => `room-${file}-${++rooms}`,
    person: (options) => newPerson(browser, service.url, options),
    leave,
    async stop() {
      await leave();
      await service.stop();
    },
  };
}

async function newPerson(browser: Browser, url: URL, options: PersonOptions = {}): Promise<Person> {
  const { name, ...contextOptions } = options;
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "UTC",
    // Boxes and colours are final as soon as an element is there.
    reducedMotion: "reduce",
    serviceWorkers: "block",
    ...contextOptions,
  });
  context.setDefaultTimeout(DEFAULT_TIMEOUT_MS);
  if (name !== undefined) await context.addInitScript(storeName, name);
  const wrongs: string[] = [];
  context.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== "data:" && protocol !== "blob:" && host !== url.host)
      wrongs.push(`request to ${request.url()}`);
  });
  context.on("console", (message) => {
    if (/content security policy|trusted ?types/i.test(message.text()))
      wrongs.push(`policy: ${message.text()}`);
  });
  context.on("weberror", (error) => wrongs.push(`error: ${error.error().stack}`));
  context.on("dialog", (dialog) => {
    wrongs.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return {
    context,
    wrongs,
    async open(room, hash) {
      const page = await context.newPage();
      const path = `/r/${encodeURIComponent(room)}${hash === undefined ? "" : `#${hash}`}`;
      await page.goto(new URL(path, url).href);
      return page;
    },
  };
}

/** Runs in each document before the page's scripts. */
function storeName(name: string): void {
  // The first document of a tab has no storage.
  if (location.protocol === "about:") return;
  const settings = localStorage.getItem("edge-chat:settings");
  if (settings === null) localStorage.setItem("edge-chat:settings", JSON.stringify({ name }));
}

/** The parts of the page, by their accessible names. */
export const part = {
  log: (page: Page): Locator => page.getByRole("log", { name: "Messages" }),
  field: (page: Page): Locator => page.getByRole("textbox", { name: "Message", exact: true }),
  name: (page: Page): Locator => page.getByRole("textbox", { name: "Your name" }),
  send: (page: Page): Locator => page.getByRole("button", { name: "Send", exact: true }),
  status: (page: Page): Locator => page.getByRole("status"),
  people: (page: Page): Locator => page.getByRole("list", { name: "People" }),
  message: (page: Page, text: string): Locator => page.getByRole("article").filter({ hasText: text }),
  dialog: (page: Page, name: string): Locator => page.getByRole("dialog", { name }),
};

/** Network is a network that can be switched off. */
export interface Network {
  /** Switches the browser's network. */
  online(on: boolean): Promise<void>;
  /** Switches WebSockets only; the browser still reports that it is online. */
  reaches(on: boolean): Promise<void>;
}

/** Returns a person's network. The browser's offline mode does not affect WebSockets. Call before a page opens. */
export async function network({ context }: Person): Promise<Network> {
  const open = new Set<WebSocketRoute>();
  let up = true;
  await context.routeWebSocket(/\/ws\//, (socket) => {
    if (!up) {
      void socket.close({ code: 1001, reason: "no network" });
      return;
    }
    open.add(socket);
    socket.connectToServer();
  });
  const reaches = async (on: boolean): Promise<void> => {
    up = on;
    if (!on) for (const socket of open) await socket.close({ code: 1001, reason: "no network" });
    if (!on) open.clear();
  };
  return {
    reaches,
    async online(on) {
      await reaches(on);
      await context.setOffline(!on);
    },
  };
}

/** Rejects the messages and edits for which `rejection` returns an error. Call before a page opens. */
export async function rejectSends(
  { context }: Person,
  rejection: (text: string) => Promise<CommandError | undefined> | CommandError | undefined,
): Promise<void> {
  await context.routeWebSocket(/\/ws\//, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage(async (frame) => {
      for (const line of splitLines(String(frame))) {
        const send = v.safeParse(Send, JSON.parse(line));
        const reason = send.success ? await rejection(send.output.text) : undefined;
        if (!send.success || reason === undefined) server.send(line);
        else socket.send(JSON.stringify({ type: "error", id: send.output.id, ...reason }));
      }
    });
  });
}

const Send = v.object({ type: v.picklist(["send", "edit"]), id: v.string(), text: v.string() });

/** Waits until the page is connected and its background work has started. */
export async function isStarted(page: Page): Promise<void> {
  await part.status(page).filter({ hasText: "Connected" }).waitFor();
  // The background work sets the title.
  await page.waitForFunction(() => document.title.includes(" · "));
}

/** Creates a room from the list of rooms, as the dialog suggests it or after a `change`. */
export async function createRoom(page: Page, change?: (dialog: Locator) => Promise<unknown>): Promise<void> {
  await page.getByRole("button", { name: en.newRoom }).click();
  const dialog = part.dialog(page, en.newRoom);
  await dialog.waitFor();
  await change?.(dialog);
  await dialog.getByRole("button", { name: ENTRY_TEXTS.en.create }).click();
  await dialog.waitFor({ state: "detached" });
}

/** Sends `text` and waits until the room has accepted it. */
export async function say(page: Page, text: string): Promise<void> {
  const taken = part.log(page).locator("article[data-seq]");
  const before = await taken.count();
  await part.field(page).fill(text);
  await part.send(page).click();
  await page.waitForFunction(
    (count) => document.querySelectorAll("[role=log] article[data-seq]").length > count,
    before,
  );
}

/** Scrolls up to the beginning of the room. Returns the texts of all messages drawn meanwhile, by seq. */
export async function readAll(page: Page): Promise<ReadonlyMap<number, string>> {
  const found = await part.log(page).evaluate(async (log) => {
    const texts: [number, string][] = [];
    const isSeen = (element: Element): boolean => {
      const { top, bottom } = element.getBoundingClientRect();
      const view = log.getBoundingClientRect();
      return bottom > view.top && top < view.bottom;
    };
    for (let isAtTop = false; !isAtTop; ) {
      isAtTop = log.scrollTop === 0 && !log.textContent?.includes("Loading");
      for (const row of log.querySelectorAll("article[data-seq]"))
        texts.push([Number(row.getAttribute("data-seq")), row.textContent ?? ""]);
      const isDrawn = ![...log.querySelectorAll("[data-spacer]")].some(isSeen);
      if (isDrawn) log.scrollTop -= log.clientHeight / 2;
      isAtTop &&= isDrawn;
      await new Promise(requestAnimationFrame);
    }
    return texts;
  });
  return new Map(found);
}

/** Returns the key of the user who posts as `name`. */
const keyOf = (name: string): string => `${name.toLowerCase()}-${"x".repeat(22)}`;

/** Posts `text` to `room` as a user called `name` over HTTP, which is faster than with a browser. */
export async function post({ service }: Pages, room: string, name: string, text: string): Promise<void> {
  const address = new URL(`/api/rooms/${encodeURIComponent(room)}/messages`, service.url);
  const body = JSON.stringify({ name, key: keyOf(name), text });
  let response = await fetch(address, { method: "POST", body });
  while (response.status === 429) {
    await pause(Number(response.headers.get("Retry-After")) * 1_000);
    response = await fetch(address, { method: "POST", body });
  }
  if (response.status !== 201) throw new Error(`not posted: ${response.status} ${await response.text()}`);
}

/**
 * Posts messages "line FROM." to "line TO.", each followed by `rest`, in this order. They are sent over one socket,
 * which takes a tenth of the time of as many requests. The service must not limit their rate.
 */
export async function postLines(
  { service }: Pages,
  room: string,
  from: number,
  to: number,
  rest: (line: number) => string = () => "",
): Promise<void> {
  const hello = { name: "Poster", key: keyOf("Poster"), history: 0 };
  const socket = await openChat(service.socket(room), { hello });
  for (let first = from; first <= to; first += LINES_AT_ONCE) {
    const lines = Array.from({ length: Math.min(LINES_AT_ONCE, to - first + 1) }, (_, i) => first + i);
    socket.command(
      ...lines.map((line) => ({ type: "send" as const, id: `${line}`, text: `line ${line}.${rest(line)}` })),
    );
    const isAnswer = ({ type }: ServerLine): boolean => type === "ok" || type === "error";
    for (const line of lines) {
      const answer = (await socket.linesUntil(isAnswer)).at(-1);
      if (answer?.type !== "ok") throw new Error(`line ${line} was not posted: ${JSON.stringify(answer)}`);
    }
  }
  await socket.close();
}

/** Opens the settings, makes a `change`, and closes them. */
export async function inSettings(page: Page, change: (settings: Locator) => Promise<unknown>): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  const settings = part.dialog(page, "Settings");
  await change(settings);
  await settings.getByRole("button", { name: "Close" }).click();
  await settings.waitFor({ state: "detached" });
}

/** Sets the display name. */
export async function setName(page: Page, name: string, texts: Strings = en): Promise<void> {
  const dialog = await openIdentity(page, texts.changeName, texts);
  await dialog.getByRole("textbox", { name: texts.yourName }).fill(name);
  await dialog.getByRole("button", { name: texts.save }).click();
  await dialog.waitFor({ state: "detached" });
}

/** Opens the dialog `name` from the menu of the identity. On a phone, the menu is in the list of rooms. */
export async function openIdentity(page: Page, name: string, texts: Strings = en): Promise<Locator> {
  const rooms = page.getByRole("button", { name: new RegExp(`^${texts.rooms}(, |$)`) });
  const identity = page.getByRole("button", { name: new RegExp(`^${texts.identity}:`) });
  await rooms.or(identity).first().waitFor();
  if (await rooms.isVisible()) await rooms.click();
  await identity.click();
  await page.getByRole("button", { name }).click();
  return page.getByRole("dialog", { name });
}

/** Selects the message that contains `text` with the keyboard, from the latest message up. */
export async function select(page: Page, text: string): Promise<void> {
  const isSelected = () => part.message(page, text).evaluateAll(([row]) => row === document.activeElement);
  await page.getByRole("log").focus();
  await page.keyboard.press("End");
  while (!(await isSelected())) await page.keyboard.press("ArrowUp");
}
