// Users in rooms: browser windows and plain sockets.
import { afterAll, beforeAll, expect, test } from "vitest";
import { INSTALLS, type Pages, part, say, setName, startPages } from "../helpers/page.ts";
import { openPlain } from "../helpers/raw-socket.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterAll(() => pages?.stop());

/** Opens a window on `room` for a new user named `name`. */
async function join(room: string, name: string) {
  const person = await pages.person(INSTALLS);
  const page = await person.open(room);
  await setName(page, name);
  return { page, errors: person.wrongs, leave: () => person.context.close() };
}

test("two windows and a plain socket share one room, and another room receives nothing", async () => {
  const ann = await join("demo", "Ann");
  const bob = await join("demo", "Bob");
  const other = await join("团队", "小明");
  const socket = await openPlain(pages.service.socket("demo"));

  await say(ann.page, "Hello from Ann");
  await part.message(bob.page, "Hello from Ann").waitFor();
  expect(await socket.nextLine()).toBe("Ann: Hello from Ann");

  await say(bob.page, "Hello back");
  await part.message(ann.page, "Hello back").waitFor();
  expect(await socket.nextLine()).toBe("Bob: Hello back");

  socket.say("Hello from a terminal");
  await part.message(ann.page, "Hello from a terminal").waitFor();
  await part.message(bob.page, "Hello from a terminal").waitFor();
  expect(await socket.nextLine()).toBe("Hello from a terminal");

  // The other room has only its own message.
  await say(other.page, "只有我们");
  expect(await part.log(other.page).textContent()).not.toContain("Hello");

  expect([...ann.errors, ...bob.errors, ...other.errors]).toEqual([]);
  await Promise.all([ann.leave(), bob.leave(), other.leave(), socket.close()]);
});

test("a window opened later shows the earlier messages with their author, in order", async () => {
  const room = pages.freshRoom();
  const early = await join(room, "Early");
  for (const text of ["one", "two", "three"]) await say(early.page, text);
  const late = await join(room, "Late");
  await part.message(late.page, "three").waitFor();
  expect(await part.log(late.page).textContent()).toMatch(/Early.*one.*two.*three/s);
  await Promise.all([early.leave(), late.leave()]);
});

test("the page at / and the socket at /ws share the lobby", async () => {
  const person = await pages.person(INSTALLS);
  const page = await person.context.newPage();
  await page.goto(pages.service.url.href);
  await page.getByRole("button", { name: "Lobby" }).click();
  await part.status(page).getByText("Connected", { exact: true }).waitFor();
  const socket = await openPlain(pages.service.socket());
  socket.say("anyone here?");
  await part.message(page, "anyone here?").waitFor();
  await Promise.all([person.context.close(), socket.close()]);
});
