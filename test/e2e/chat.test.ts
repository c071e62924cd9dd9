// People in rooms, as they would use the service: browsers, and a bare socket beside them.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../helpers/browser.ts";
import { openRoom } from "../helpers/chat-page.ts";
import { openPlain } from "../helpers/raw-socket.ts";
import { type Service, startServe } from "../helpers/service.ts";

let service: Service;
let browser: Browser;
beforeAll(async () => {
  [service, browser] = await Promise.all([startServe(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
});

test("two windows and a bare socket talk in one room, and another room hears nothing of it", async () => {
  const ann = await openRoom(browser, service, "/r/demo", "Ann");
  const bob = await openRoom(browser, service, "/r/demo", "Bob");
  const elsewhere = await openRoom(browser, service, "/r/团队", "小明");
  const socket = await openPlain(service.socket("demo"));

  await ann.say("Hello from Ann");
  await Promise.all([ann.sees("Hello from Ann"), bob.sees("Hello from Ann")]);
  expect(await socket.nextLine()).toBe("Ann: Hello from Ann");

  await bob.say("Hello back");
  await Promise.all([ann.sees("Hello back"), bob.sees("Hello back")]);
  expect(await socket.nextLine()).toBe("Bob: Hello back");

  socket.say("Hello from a terminal");
  await Promise.all([ann.sees("Hello from a terminal"), bob.sees("Hello from a terminal")]);
  expect(await socket.nextLine()).toBe("Hello from a terminal");

  // What the other room says to itself arrives there, and is all that it has heard.
  await elsewhere.say("只有我们");
  await elsewhere.sees("只有我们");
  expect(await elsewhere.messages.textContent()).not.toContain("Hello");

  expect([...ann.problems, ...bob.problems, ...elsewhere.problems]).toEqual([]);
  await Promise.all([ann.close(), bob.close(), elsewhere.close(), socket.close()]);
});

test("a window that opens later shows what was said before, by whom, in its order", async () => {
  const early = await openRoom(browser, service, "/r/later", "Early");
  for (const text of ["one", "two", "three"]) {
    await early.say(text);
    await early.sees(text);
  }
  const late = await openRoom(browser, service, "/r/later", "Late");
  await late.sees("three");
  expect(await late.messages.innerText()).toMatch(/Early.*one.*two.*three/s);
  await Promise.all([early.close(), late.close()]);
});

test("the address without a room is the lobby, which its socket shares", async () => {
  const lobby = await openRoom(browser, service, "/", "Ann");
  const socket = await openPlain(service.socket());
  socket.say("anyone here?");
  await lobby.sees("anyone here?");
  await Promise.all([lobby.close(), socket.close()]);
});
