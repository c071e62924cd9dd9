// The development server (`npm run dev`): the same service, as the first command of README.md starts it.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../helpers/browser.ts";
import { openRoom } from "../helpers/chat-page.ts";
import { openPlain } from "../helpers/raw-socket.ts";
import { type Service, startDev } from "../helpers/service.ts";

let service: Service;
let browser: Browser;
beforeAll(async () => {
  [service, browser] = await Promise.all([startDev(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
});

test("two windows and a bare socket talk under wrangler dev", async () => {
  const ann = await openRoom(browser, service, "/r/demo", "Ann");
  const bob = await openRoom(browser, service, "/r/demo");
  const socket = await openPlain(service.socket("demo"));

  await ann.say("Hello from Ann");
  await bob.sees("Hello from Ann");
  expect(await socket.nextLine()).toBe("Ann: Hello from Ann");
  socket.say("Hello from a terminal");
  await Promise.all([ann.sees("Hello from a terminal"), bob.sees("Hello from a terminal")]);

  expect([...ann.problems, ...bob.problems]).toEqual([]);
  await Promise.all([ann.close(), bob.close(), socket.close()]);
});
