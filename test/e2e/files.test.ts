// Uploaded pictures as a browser shows them, and what the server leaves of a deleted file on the disk.
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FileInfo } from "../../src/protocol/files.ts";
import { sharedBrowser } from "../helpers/browser.ts";
import { exif, jpegSegment, jpegWith, latin1, PICTURES, pngChunk, pngWith } from "../helpers/pictures.ts";
import { openChat } from "../helpers/raw-socket.ts";
import { type Service, startServe } from "../helpers/service.ts";
import { poll } from "../helpers/wait.ts";

const key = randomBytes(16).toString("hex");
let state: string;
let service: Service;
let browser: Browser;
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "edge-chat-files-"));
  [service, browser] = await Promise.all([
    startServe({ state, vars: { MESSAGE_RATE: "0" } }),
    sharedBrowser(),
  ]);
});
afterAll(async () => {
  await service?.stop();
  await rm(state, { recursive: true, force: true, maxRetries: 5 });
});

async function upload(room: string, bytes: Uint8Array<ArrayBuffer>): Promise<FileInfo & { url: string }> {
  const response = await fetch(new URL(`/api/rooms/${room}/files?name=a`, service.url), {
    method: "POST",
    body: bytes,
    headers: { Authorization: `Bearer ${key}` },
  });
  expect(response.status).toBe(201);
  const file = await response.json();
  return { ...file, url: new URL(`/api/rooms/${room}/files/${file.id}`, service.url).href };
}

test("a browser shows every kind of picture, in the size that the server states", async () => {
  const turned = exif(6);
  const pictures = {
    ...PICTURES,
    turnedJpeg: jpegWith([jpegSegment(0xe1, latin1("Exif\0\0"), turned)]),
    turnedPng: pngWith([pngChunk("eXIf", turned)]),
  };
  const page = await browser.newPage();
  await page.goto(service.url.href);
  for (const [name, bytes] of Object.entries(pictures)) {
    const { url, w, h } = await upload("pictures", bytes);
    const shown = await page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return { w: image.naturalWidth, h: image.naturalHeight };
    }, url);
    expect({ name, ...shown }).toEqual({ name, w, h });
  }
  expect((await upload("pictures", pictures.turnedJpeg)).w).toBe(4);
  await page.close();
});

test("a file that contains a page runs no script, whatever opens it", async () => {
  const script = latin1("<script>document.title = 'run'</script>");
  const { url } = await upload("pages", pngWith([pngChunk("tEXt", script)]));
  const page = await browser.newPage();
  const response = await page.goto(url);
  expect(response?.headers()["content-security-policy"]).toMatch(/^sandbox;/);
  expect(await page.evaluate(() => [window.origin, document.contentType])).toEqual(["null", "image/png"]);
  const html = await upload("pages", latin1("<!doctype html><script>document.title = 'run'</script>"));
  const download = page.waitForEvent("download");
  await page.goto(html.url).catch(() => {});
  await (await download).cancel();
  expect(await page.title()).not.toBe("run");
  await page.close();
});

test("of a deleted file nothing is left in the database file within a minute", async () => {
  const marker = randomBytes(12).toString("hex");
  const bytes = new Uint8Array(Buffer.from(marker.repeat(100_000)));
  const file = await upload("gone", bytes);
  const socket = new URL("/ws/gone", service.url);
  socket.protocol = "ws:";
  const chat = await openChat(socket, { hello: { key } });
  chat.command({ type: "send", id: "a", text: "", files: [{ id: file.id }] });
  const { seq = 0 } = await chat.next("ok");
  const isOnDisk = async () => {
    const folder = join(state, "edge-chat-RoomFiles");
    const contents = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name)).catch(() => "")),
    );
    return contents.some((content) => content.includes(marker));
  };
  expect(await isOnDisk()).toBe(true);
  chat.command({ type: "delete", id: "b", target: seq });
  await chat.next("ok");
  await poll("the address to be gone", async () => (await fetch(file.url)).status === 404);
  await poll("the bytes to be gone", async () => !(await isOnDisk()), 60_000, 1_000);
  await chat.close();
});
