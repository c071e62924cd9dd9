// Pictures and files in a browser: picked, pasted, dropped, uploaded, shown, viewed, deleted. Nothing is sent twice.
import type { Locator, Page, Request } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FILE_TEXTS } from "../../src/page/i18n/files.ts";
import { LOOKS, violations } from "../helpers/looks.ts";
import { ownedRoom } from "../helpers/owned-room.ts";
import {
  INSTALLS,
  isStarted,
  network,
  type Pages,
  type Person,
  part,
  post,
  say,
  select,
  startPages,
} from "../helpers/page.ts";
import { drawnPng, exif } from "../helpers/picture-bytes.ts";
import { unlimitedService } from "../helpers/shared-services.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages(unlimitedService);
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

const WIDE = { name: "wide.png", mimeType: "image/png", buffer: drawnPng(400, 200) };
const TALL = { name: "tall.png", mimeType: "image/png", buffer: drawnPng(100, 300) };
const NOTES = { name: "notes.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 notes") };

const attached = (page: Page, name: string | RegExp): Locator =>
  page
    .getByRole("list", { name: "Attached files" })
    .getByRole("listitem")
    .filter({
      has: page.getByRole("button", { name }),
    });
const picture = (page: Page, alt = ""): Locator =>
  page.getByRole("button", { name: alt === "" ? "Picture" : `Picture: ${alt}`, exact: true });
const viewer = (page: Page): Locator => page.locator("dialog.viewer");

/** Attaches files as the button does, and waits until their previews are there. */
async function attach(page: Page, ...files: readonly (typeof WIDE)[]): Promise<void> {
  await page.getByLabel("Attach files").setInputFiles([...files]);
  for (const { name } of files)
    await attached(page, new RegExp(`^Remove ${name.replace(/\.png$/, "")}`))
      .first()
      .waitFor();
}

/** Waits until nothing is being uploaded. */
async function uploaded(page: Page): Promise<void> {
  await expect.poll(() => page.locator(".attachment-view[data-busy=true]").count()).toBe(0);
}

/** Returns the messages of a room. */
async function messagesIn(
  room: string,
): Promise<readonly { text: string; files?: { id: string; type: string }[] }[]> {
  const response = await fetch(new URL(`/api/rooms/${room}/messages`, pages.service.url));
  return (await response.json()).events.filter(({ type }: { type: string }) => type === "message");
}

/** Dispatches an event with files in the page, as browsers do for pasted and dropped ones. */
async function transfer(
  page: Page,
  kind: "paste" | "drop",
  files: readonly (typeof WIDE)[],
  text = "",
): Promise<void> {
  const data = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, bytes: [...buffer] }));
  await page.evaluate(
    ({ kind, data, text }) => {
      const transfer = new DataTransfer();
      for (const { name, mimeType, bytes } of data)
        transfer.items.add(new File([Uint8Array.from(bytes)], name, { type: mimeType }));
      if (text !== "") transfer.setData("text/plain", text);
      const options = { bubbles: true, cancelable: true };
      const target = document.activeElement ?? document.body;
      if (kind === "paste")
        target.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: transfer }));
      else
        for (const type of ["dragenter", "dragover", "drop"])
          target.dispatchEvent(new DragEvent(type, { ...options, dataTransfer: transfer }));
    },
    { kind, data, text },
  );
}

/** Holds the uploads of a person until the returned function is called. Call before they start. */
async function holdUploads({ context }: Person): Promise<() => void> {
  let release = (): void => undefined;
  const released = new Promise<void>((done) => {
    release = done;
  });
  await context.route(/\/files\?/, async (route) => {
    await released;
    await route.continue().catch(() => undefined);
  });
  return release;
}

describe("a picture", () => {
  test("is picked, described and sent; others see it in its place before it loads, and view it", async () => {
    const room = pages.freshRoom();
    const ann = await (await pages.person()).open(room);
    await isStarted(ann);
    await attach(ann, WIDE, TALL, NOTES);
    await ann.getByRole("textbox", { name: /^Description of wide/ }).fill("A wide one");
    // The description is done with Enter, the message is not.
    await ann.keyboard.press("Enter");
    await expect.poll(() => part.field(ann).evaluate((field) => field === document.activeElement)).toBe(true);
    await say(ann, "Three files");
    expect(await attached(ann, /^Remove/).count()).toBe(0);
    await attach(ann, WIDE);
    await part.send(ann).click();
    await expect.poll(() => picture(ann).count()).toBe(2);

    const bob = await pages.person();
    const requests: Request[] = [];
    bob.context.on("request", (request) => requests.push(request));
    let release = (): void => undefined;
    const released = new Promise<void>((done) => {
      release = done;
    });
    await bob.context.route(/\/api\/rooms\/.*\/files\//, async (route) => {
      await released;
      await route.continue().catch(() => undefined);
    });
    const page = await bob.open(room);
    const alone = picture(page).last();
    await alone.waitFor();
    const before = await alone.boundingBox();
    expect((before?.width ?? 0) / (before?.height ?? 1)).toBeCloseTo(2, 1);
    const blur = await alone
      .locator(".picture-frame")
      .evaluate((frame) => getComputedStyle(frame).backgroundImage);
    expect(blur).toContain("data:image/png");
    const log = await part.log(page).evaluate(({ scrollHeight }) => scrollHeight);
    release();
    await expect
      .poll(() => alone.locator("img").evaluate((img: HTMLImageElement) => img.naturalWidth))
      .toBe(400);
    expect(await alone.boundingBox()).toEqual(before);
    expect(await part.log(page).evaluate(({ scrollHeight }) => scrollHeight)).toBe(log);
    await page.getByRole("article", { name: /Three files Picture: A wide one/ }).waitFor();

    // The viewer, by keyboard.
    await picture(page, "A wide one").focus();
    await page.keyboard.press("Enter");
    await viewer(page).getByText("1 of 3").waitFor();
    await viewer(page).getByText("A wide one").waitFor();
    await page.keyboard.press("ArrowRight");
    await viewer(page).getByText("2 of 3").waitFor();
    await page.keyboard.press("+");
    const scale = () =>
      page
        .locator(".viewer-picture")
        .evaluate((element) => new DOMMatrix(getComputedStyle(element).transform).a);
    await expect.poll(scale).toBe(1.5);
    await page.keyboard.press("End");
    await viewer(page).getByText("3 of 3").waitFor();
    await expect.poll(scale).toBe(1);
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      viewer(page).getByRole("button", { name: "Download" }).click(),
    ]);
    expect(saved.suggestedFilename()).toMatch(/^wide\.(webp|png)$/);
    await page.keyboard.press("Escape");
    await viewer(page).waitFor({ state: "detached" });
    await expect
      .poll(() => picture(page, "A wide one").evaluate((it) => it === document.activeElement))
      .toBe(true);
    const [notes] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: /notes\.pdf/ }).click(),
    ]);
    expect(notes.suggestedFilename()).toBe("notes.pdf");
    expect(bob.wrongs).toEqual([]);
  });

  test("is pasted and dropped, but not beside a text; other files too, and at most four", async () => {
    const room = pages.freshRoom();
    const page = await (await pages.person()).open(room);
    await isStarted(page);
    await part.field(page).focus();
    await transfer(page, "paste", [WIDE]);
    await attached(page, /^Remove wide/).waitFor();
    // A copied table has a text and a picture of it.
    await transfer(page, "paste", [TALL], "a\tb\nc\td");
    // Programs that copy files add their names.
    await transfer(page, "paste", [NOTES], "notes.pdf");
    await attached(page, /^Remove notes/).waitFor();
    await page.getByRole("button", { name: "Invite" }).focus();
    await transfer(page, "drop", [TALL, NOTES, WIDE]);
    await page.getByText("A message can have at most 4 files.").waitFor();
    await expect.poll(() => attached(page, /^Remove/).count()).toBe(4);
    expect(await attached(page, /^Remove tall/).count()).toBe(1);
    expect(await page.locator(".drop-target").count()).toBe(0);
    await attached(page, /^Remove wide/)
      .getByRole("button")
      .click();
    await expect.poll(() => attached(page, /^Remove/).count()).toBe(3);
    await page.keyboard.press("Enter");
    await picture(page).waitFor();
    const [message] = await messagesIn(room);
    expect(message?.files?.map(({ type }) => type.split("/")[0])).toEqual([
      "application",
      "image",
      "application",
    ]);
  });

  test("is turned upright, small, and without metadata", async () => {
    const room = pages.freshRoom();
    const page = await (await pages.person()).open(room);
    await isStarted(page);
    const jpeg = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(3_000, 1_500);
      canvas.getContext("2d")?.fillRect(0, 0, 1_000, 1_000);
      const blob = await canvas.convertToBlob({ type: "image/jpeg" });
      return [...new Uint8Array(await blob.arrayBuffer())];
    });
    const buffer = Buffer.from([...jpeg.slice(0, 2), ...exif(6), ...jpeg.slice(2)]);
    await attach(page, { name: "photo.png", mimeType: "image/jpeg", buffer });
    await uploaded(page);
    await part.send(page).click();
    await picture(page).waitFor();
    const [message] = await messagesIn(room);
    const [file] = message?.files ?? [];
    expect(file).toMatchObject({ w: 1_024, h: 2_048 });
    const bytes = await fetch(new URL(`/api/rooms/${room}/files/${file?.id}`, pages.service.url));
    expect(bytes.headers.get("Content-Type")).toBe(file?.type);
    expect(Buffer.from(await bytes.arrayBuffer()).includes("Exif")).toBe(false);
  });

  test("of a deleted message is gone, for everyone and at once", async () => {
    const room = pages.freshRoom();
    const [ann, bob] = [await (await pages.person()).open(room), await (await pages.person()).open(room)];
    await attach(ann, WIDE);
    await say(ann, "to be deleted");
    const [message] = await messagesIn(room);
    const address = new URL(`/api/rooms/${room}/files/${message?.files?.[0]?.id}`, pages.service.url);
    expect((await fetch(address)).status).toBe(200);
    await picture(bob).click();
    await viewer(bob).getByRole("button", { name: "Zoom in" }).waitFor();
    await select(ann, "to be deleted");
    await ann.keyboard.press("Delete");
    await viewer(bob).waitFor({ state: "detached" });
    await part.log(bob).getByText("Message deleted").waitFor();
    await expect.poll(async () => (await fetch(address)).status).toBe(404);
    expect(await picture(bob).count()).toBe(0);
  });

  test("in a room that is not open to everyone is loaded with the user's key", async () => {
    const room = await ownedRoom(pages, { entry: "knock" });
    const { page: owner, person } = await room.openAsOwner();
    await isStarted(owner);
    await attach(owner, WIDE, NOTES);
    await say(owner, "for members");
    await owner.reload();
    const img = picture(owner).locator("img");
    await expect.poll(() => img.evaluate((it: HTMLImageElement) => it.naturalWidth)).toBe(400);
    expect(await img.getAttribute("src")).toMatch(/^blob:/);
    const [saved] = await Promise.all([
      owner.waitForEvent("download"),
      owner.getByRole("button", { name: /notes\.pdf/ }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe("notes.pdf");
    const [message] = room.owner.state.timeline.items.filter((item) => item.type === "message");
    expect((await fetch(room.owner.fileUrl({ id: message?.files?.[0]?.id ?? "" }))).status).toBe(403);
    expect(person.wrongs).toEqual([]);

    // The owner switches files off.
    await room.owner.setRoom({ files: false });
    await owner.getByText("switched files off").waitFor();
    expect(await owner.getByLabel("Attach files").count()).toBe(0);
    await transfer(owner, "paste", [WIDE]);
    await owner.getByText("Files are switched off in this room.").waitFor();
    expect(await attached(owner, /^Remove/).count()).toBe(0);
  });
});

describe("a message with files", () => {
  test("is cancelled while it is uploaded, and returns to the field", async () => {
    const room = pages.freshRoom();
    const person = await pages.person();
    const release = await holdUploads(person);
    const page = await person.open(room);
    await isStarted(page);
    await attach(page, WIDE);
    await part.field(page).fill("not yet");
    await page.keyboard.press("Enter");
    const pending = part.message(page, "not yet");
    await pending.getByText("Sending…").waitFor();
    // Texts do not wait for files.
    await part.field(page).fill("meanwhile");
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await messagesIn(room)).map(({ text }) => text)).toEqual(["meanwhile"]);
    await pending.getByRole("button", { name: "Cancel" }).click();
    await attached(page, /^Remove wide/).waitFor();
    expect(await part.field(page).inputValue()).toBe("not yet");
    await attached(page, /^Remove wide/)
      .getByRole("button")
      .click();
    release();
    await part.field(page).press("Enter");
    await expect
      .poll(async () => (await messagesIn(room)).map(({ text }) => text))
      .toEqual(["meanwhile", "not yet"]);
  });

  test("written offline waits over a reload, and is sent once, whichever window sends it", async () => {
    const room = pages.freshRoom();
    const person = await pages.person(INSTALLS);
    const { online } = await network(person);
    const page = await person.open(room);
    await say(page, "before");
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await attach(page, TALL);
    await uploaded(page);
    const other = await person.open(room);
    await isStarted(other);
    await online(false);
    await part.status(page).filter({ hasText: "You are offline" }).waitFor();
    await attach(page, WIDE, NOTES);
    await part.field(page).fill("written offline");
    await page.keyboard.press("Enter");
    await part.message(page, "written offline").getByText("Waiting for the connection").last().waitFor();
    await attach(page, WIDE);
    await attached(page, /^Remove wide/)
      .getByText("Waiting…")
      .waitFor();
    await page.reload();
    const waiting = part.message(page, "written offline");
    await expect.poll(() => waiting.locator("img").count()).toBe(2);
    await waiting.getByText("notes.pdf").waitFor();
    // What was not sent is in the field again.
    await attached(page, /^Remove wide/).waitFor();
    await page.close();
    const third = await person.open(room);
    await part.message(third, "written offline").waitFor();
    await online(true);
    await part.message(third, "written offline").getByText("Waiting").first().waitFor({ state: "detached" });
    await part.message(other, "written offline").waitFor();
    await expect.poll(async () => (await messagesIn(room)).length).toBe(2);
    await attached(third, /^Remove wide/).waitFor();
    await uploaded(third);
    await third.keyboard.press("Enter");
    await expect
      .poll(async () => (await messagesIn(room)).map(({ files }) => files?.length))
      .toEqual([undefined, 3, 1]);
    await third.reload();
    await expect.poll(() => picture(third).count()).toBe(3);
    expect(await attached(third, /^Remove/).count()).toBe(0);
    expect(
      await third.evaluate(() => Object.keys(localStorage).filter((name) => name.includes("files:"))),
    ).toEqual([]);
    expect(await third.evaluate(storedFiles)).toBe(0);
    expect((await messagesIn(room)).length).toBe(3);
  });

  test("says why a file is not sent, and tries again", async () => {
    const room = pages.freshRoom();
    const person = await pages.person();
    const error = { code: "forbidden", message: "the files of this room take 9 MiB at most", cause: "quota" };
    let uploads = 0;
    let submit = (): void => undefined;
    const submitted = new Promise<void>((done) => {
      submit = done;
    });
    await person.context.route(/\/files\?/, async (route) => {
      uploads += 1;
      if (uploads === 2) await submitted;
      return uploads < 3 ? route.fulfill({ status: 403, json: { error } }) : route.continue();
    });
    const page = await person.open(room);
    await isStarted(page);
    const broken = Buffer.from([...WIDE.buffer.subarray(0, 60)]);
    await attach(page, { ...WIDE, name: "broken.png", buffer: broken });
    await page.getByRole("alert").filter({ hasText: "The picture cannot be read." }).waitFor();
    await attached(page, /^Remove broken/)
      .getByRole("button")
      .click();
    await attach(page, { ...NOTES, name: "big.bin", buffer: Buffer.alloc(8 * 1024 * 1024 + 1) });
    await page.getByRole("alert").filter({ hasText: "The file is larger than 8.4 MB." }).waitFor();
    await attached(page, /^Remove big/)
      .getByRole("button")
      .click();
    await attach(page, NOTES);
    const alert = page.getByRole("alert").filter({ hasText: "The files of this room take all the space" });
    await alert.waitFor();
    expect(await part.send(page).getAttribute("aria-disabled")).toBe("true");
    await alert.getByRole("button", { name: "Try again" }).click();
    await alert.waitFor({ state: "detached" });
    await part.send(page).click();
    const failed = page.getByRole("article").filter({ hasText: "notes.pdf" });
    await failed.getByText("Sending…").waitFor();
    submit();
    await failed.getByText("Not sent.").waitFor();
    await failed.getByText("The files of this room take all the space").waitFor();
    await failed.getByRole("button", { name: "Retry" }).click();
    await expect.poll(async () => (await messagesIn(room)).length).toBe(1);
    await failed.getByText("Not sent.").waitFor({ state: "detached" });
  });

  test("is named where only one line is shown, found, and edited without losing its files", async () => {
    const room = pages.freshRoom();
    const ann = await (await pages.person()).open(room);
    await isStarted(ann);
    await attach(ann, WIDE);
    await ann.getByRole("textbox", { name: /^Description of wide/ }).fill("Kittiwake");
    await ann.keyboard.press("Enter");
    await part.send(ann).click();
    await picture(ann, "Kittiwake").waitFor();
    await ann.getByRole("navigation").getByText("Picture: Kittiwake").waitFor();
    await ann.getByRole("log").focus();
    await ann.keyboard.press("ArrowUp");
    await ann.keyboard.press("r");
    await say(ann, "an answer");
    await part
      .message(ann, "an answer")
      .getByRole("button", { name: /Picture: Kittiwake$/ })
      .waitFor();
    await ann.keyboard.press("Control+f");
    await ann.getByRole("combobox", { name: "Search messages" }).fill("has:file kittiw");
    const results = ann.getByRole("listbox", { name: "Results" }).getByRole("option");
    await expect.poll(() => results.count()).toBe(1);
    expect(await results.locator("mark").textContent()).toBe("Kittiw");
    await ann.getByRole("log").focus();
    await ann.keyboard.press("End");
    await ann.keyboard.press("ArrowUp");
    await ann.keyboard.press("e");
    await ann.getByText("Editing your message").waitFor();
    await part.field(ann).fill("with a text");
    await ann.keyboard.press("Enter");
    await part.message(ann, "with a text").getByRole("button", { name: "Picture: Kittiwake" }).waitFor();
    expect(await part.message(ann, "with a text").getByText("/api/rooms/").count()).toBe(0);
    const [message] = await messagesIn(room);
    expect(message?.text).toMatch(/^with a text\nhttp\S+$/);
  });
});

/** Returns the number of files that the page keeps in the browser. */
function storedFiles(): Promise<number> {
  return new Promise((done) => {
    indexedDB.open("edge-chat").onsuccess = ({ target }) => {
      const database: IDBDatabase = (target as IDBOpenDBRequest).result;
      const count = database.transaction("files").objectStore("files").count();
      count.onsuccess = () => {
        database.close();
        done(count.result);
      };
    };
  });
}

test.each(LOOKS)("files have no violation for axe-core: $name", async ({ options, texts }) => {
  const room = pages.freshRoom();
  await post(pages, room, "Ann", "hello");
  const person = await pages.person(options);
  const page = await person.open(room);
  await page.getByRole("log").getByText("hello").waitFor();
  const files = FILE_TEXTS[texts.attach === "Attach files" ? "en" : "zh"];
  const input = page.getByLabel(texts.attach);
  await input.setInputFiles([WIDE, TALL, NOTES]);
  await page.getByRole("list", { name: files.attached }).waitFor();
  await uploaded(page);
  expect(await violations(page), "the composer").toEqual([]);
  await page.getByRole("button", { name: texts.send, exact: true }).click();
  await expect.poll(() => page.locator("button.picture img").count()).toBe(2);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(
    options.viewport?.width ?? 1280,
  );
  expect(await violations(page), "the timeline").toEqual([]);
  await page.locator("button.picture").first().click();
  await viewer(page).getByRole("button", { name: files.zoomIn }).waitFor();
  expect(await violations(page, viewer(page)), "the viewer").toEqual([]);
});

test("swipes and pinches in the viewer on a phone", async () => {
  const room = pages.freshRoom();
  const phone = await pages.person({ viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true });
  const page = await phone.open(room);
  await isStarted(page);
  await attach(page, WIDE, TALL);
  await part.send(page).tap();
  await picture(page).first().tap();
  await viewer(page).getByText("1 of 2").waitFor();
  const session = await page.context().newCDPSession(page);
  const touch = (type: string, ...points: readonly (readonly [number, number])[]) =>
    session.send("Input.dispatchTouchEvent", {
      type: type as "touchStart",
      touchPoints: points.map(([x, y], id) => ({ x, y, id })),
    });
  await touch("touchStart", [300, 350]);
  await touch("touchMove", [250, 352]);
  await touch("touchMove", [150, 355]);
  await touch("touchEnd");
  await viewer(page).getByText("2 of 2").waitFor();
  await touch("touchStart", [180, 350], [210, 350]);
  await touch("touchMove", [150, 350], [240, 350]);
  await touch("touchMove", [120, 350], [270, 350]);
  await touch("touchEnd");
  const scale = () =>
    page
      .locator(".viewer-picture")
      .evaluate((element) => new DOMMatrix(getComputedStyle(element).transform).a);
  await expect.poll(scale).toBeGreaterThan(3);
  await page.keyboard.press("0");
  await touch("touchStart", [200, 250]);
  await touch("touchMove", [202, 320]);
  await touch("touchMove", [205, 420]);
  await touch("touchEnd");
  await viewer(page).waitFor({ state: "detached" });
});

test("before its first message, a room without files loads nothing for files", async () => {
  const room = pages.freshRoom();
  await post(pages, room, "Ann", "hello");
  const person = await pages.person();
  const scripts: Promise<string>[] = [];
  let isEarly = true;
  person.context.on("response", (response) => {
    if (isEarly && response.request().resourceType() === "script") scripts.push(response.text());
  });
  // The scripts after the first message are held, so that the list is exact.
  const page = await person.context.newPage();
  await page.addInitScript(() => {
    globalThis.requestIdleCallback = () => 0;
  });
  await page.goto(new URL(`/r/${room}`, pages.service.url).href);
  await part.message(page, "hello").waitFor();
  isEarly = false;
  const early = (await Promise.all(scripts)).join("\n");
  expect(early.length).toBeGreaterThan(100_000);
  for (const word of ["OffscreenCanvas", "indexedDB", "IntersectionObserver", "createImageBitmap"])
    expect(early.includes(word), word).toBe(false);
});
