// The development server (`npm run dev`): the same service, as the first command of README.md starts it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Pages, part, say, setName, startPages } from "../helpers/page.ts";
import { openPlain } from "../helpers/raw-socket.ts";
import { startDev } from "../helpers/service.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages(startDev);
});
afterAll(() => pages?.stop());

test("two windows and a bare socket talk under wrangler dev", async () => {
  const [ann, bob] = [await pages.person(), await pages.person()];
  const [annsPage, bobsPage] = [await ann.open("demo"), await bob.open("demo")];
  await setName(annsPage, "Ann");
  const socket = await openPlain(pages.service.socket("demo"));

  await say(annsPage, "Hello from Ann");
  await part.message(bobsPage, "Hello from Ann").waitFor();
  expect(await socket.nextLine()).toBe("Ann: Hello from Ann");
  socket.say("Hello from a terminal");
  await part.message(annsPage, "Hello from a terminal").waitFor();
  await part.message(bobsPage, "Hello from a terminal").waitFor();

  expect([...ann.wrongs, ...bob.wrongs]).toEqual([]);
  await Promise.all([ann.context.close(), bob.context.close(), socket.close()]);
});
