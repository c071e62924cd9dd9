// Pages of a room into which its owner imports messages.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { noticesEn } from "../../src/page/i18n/notices-en.ts";
import { noticesZh } from "../../src/page/i18n/notices-zh.ts";
import { type Pages, part, post, startPages } from "../helpers/page.ts";
import { ownRoom } from "../helpers/room-owner.ts";

let pages: Pages;
beforeAll(async () => {
  pages = await startPages();
});
afterEach(() => pages.leave());
afterAll(() => pages.stop());

test("an open page shows the imported messages and who imported them, and goes on", async () => {
  const [source, room] = [pages.freshRoom(), pages.freshRoom()];
  for (const text of ["first words", "second words", "第三句话"]) await post(pages, source, "Ann", text);
  const { url } = pages.service;
  const file = await (await fetch(new URL(`/api/rooms/${source}/export`, url))).text();
  const owner = await ownRoom(pages.service, room, { title: "Tea" });
  const person = await pages.person();
  const other = await pages.person({ locale: "zh-CN" });
  const [page, chinese] = [await person.open(room), await other.open(room)];
  await page.getByText(noticesEn.created).waitFor();

  const headers = { Authorization: `Bearer ${owner.secret}` };
  const call = new URL(`/api/rooms/${room}/import?name=Olga`, url);
  const response = await fetch(call, { method: "POST", headers, body: file });
  expect(response.status).toBe(201);

  await part.message(page, "第三句话").waitFor();
  await part.message(page, "first words").waitFor();
  await page.getByText(noticesEn.imported(3)).waitFor();
  await chinese.getByText(noticesZh.imported(3)).waitFor();
  // What was in the room before is gone.
  expect(await page.getByText(noticesEn.created).count()).toBe(0);
  await post(pages, room, "Bob", "and so on");
  await part.message(page, "and so on").waitFor();
  await part.message(chinese, "and so on").waitFor();
});
