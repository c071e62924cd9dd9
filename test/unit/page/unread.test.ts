// Unread messages in rooms that are not open.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { unreadElsewhere, unreadOf, updateUnread } from "../../../src/page/state/unread.ts";
import { changeSettings } from "../../../src/page/storage/settings.ts";
import { type Visit, visits } from "../../../src/page/storage/visits.ts";

const others: { seq: number; user: string; text: string }[] = [];
let head = 0;

/** Adds a message to the log of the room. */
function say(user: string, text: string): void {
  head += 1;
  others.push({ seq: head, user, text });
}

let visit: Visit;

beforeEach(() => {
  others.length = 0;
  head = 2;
  visit = { room: "team", epoch: "e", seq: 2, user: "me", at: 0, added: 0 };
  visits.value = [visit];
  // Without localStorage, values live in memory.
  vi.stubGlobal("localStorage", undefined);
  changeSettings({ name: "Ann", muted: [] });
  vi.stubGlobal("fetch", async (address: string) => {
    if (!address.includes("/messages")) return Response.json({ epoch: "e", seq: head });
    const after = Number(new URLSearchParams(address.split("?")[1]).get("after"));
    const events = others.filter(({ seq }) => seq > after);
    return Response.json({
      events: events.map((event) => ({ type: "message", at: 1, name: event.user, ...event })),
    });
  });
});
afterEach(() => {
  visits.value = [];
  changeSettings({ name: "", muted: [] });
  vi.unstubAllGlobals();
});

test("counts the messages of others and those that mention the user", async () => {
  say("bob", "hello");
  say("bob", "@Ann, are you there?");
  say("me", "from my phone");
  await updateUnread(visit);
  expect(unreadOf("team")).toMatchObject({ messages: 2, mentions: 1 });
  expect(unreadElsewhere.value).toEqual({ messages: 2, mentions: 1 });
  changeSettings({ muted: ["team"] });
  expect(unreadElsewhere.value).toEqual({ messages: 0, mentions: 0 });
});

test("returns only messages that are new since the last update", async () => {
  visit = { ...visit, room: "news" };
  visits.value = [visit];
  say("bob", "before");
  expect(await updateUnread(visit)).toEqual([]);
  expect(await updateUnread(visit)).toBeNull();
  say("bob", "after");
  expect(await updateUnread(visit)).toMatchObject([{ text: "after" }]);
  expect(unreadOf("news").messages).toBe(2);
});

test("counts nothing once the room was read", async () => {
  visit = { ...visit, room: "read" };
  say("bob", "hello");
  await updateUnread(visit);
  visits.value = [{ ...visit, seq: head }];
  expect(unreadOf("read").messages).toBe(0);
});

test("does not count the messages of hidden people", async () => {
  visit = { ...visit, room: "hidden" };
  visits.value = [visit];
  changeSettings({ hidden: ["bob"] });
  say("bob", "@Ann, look");
  say("eve", "hello");
  await updateUnread(visit);
  changeSettings({ hidden: [] });
  expect(unreadOf("hidden")).toMatchObject({ messages: 1, mentions: 0 });
});

test("knows the last message of a room", async () => {
  visit = { ...visit, room: "last" };
  visits.value = [visit];
  say("bob", "hello");
  say("me", "from my phone");
  await updateUnread(visit);
  expect(visits.value[0]?.last).toMatchObject({ user: "me", text: "from my phone" });
});
