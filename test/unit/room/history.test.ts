import { expect, test } from "vitest";
import { MAX_BUFFERED_BYTES, MAX_PAGE_LENGTH } from "../../../src/protocol/index.ts";
import { ownedRoom, type TestPeer, TestRoom } from "../../helpers/test-room.ts";

/** Returns a room with 60 messages of 8,000 characters, more than one page, and a reader. */
function roomWithLongLog(): { room: TestRoom; reader: TestPeer } {
  const room = new TestRoom();
  const writer = room.join("Ann");
  const text = "x".repeat(8_000);
  for (let i = 0; i < 60; i += 1) room.exchange(writer, { type: "send", id: `m${i}`, text });
  const reader = room.join("Bob", { history: 0 });
  reader.take();
  return { room, reader };
}

const history = (id: string, before = 1_000) => ({ type: "history", id, before, limit: 100 }) as const;

test("ends a page before it is too long, with more: true", () => {
  const { room, reader } = roomWithLongLog();
  const [page] = room.exchange(reader, history("a"));
  if (page?.type !== "history") throw new Error("there is no page");
  expect(JSON.stringify(page).length).toBeLessThan(1.1 * MAX_PAGE_LENGTH);
  expect(page.more).toBe(true);
  expect(page.events.length).toBeGreaterThan(5);
  expect(page.events.at(-1)?.seq).toBe(60);
  const first = page.events[0]?.seq ?? 0;
  const [next] = room.exchange(reader, history("b", first));
  expect(next?.type === "history" && next.events.at(-1)?.seq).toBe(first - 1);
});

test("sends about two pages at most to a client that does not read", () => {
  const { room, reader } = roomWithLongLog();
  let unread = 0;
  for (let i = 0; i < 100; i += 1) {
    room.receive(reader, history(`h${i}`));
    room.run();
    for (const frame of reader.take()) unread += frame.length;
    reader.buffered = unread;
    room.now += 200;
  }
  expect(unread).toBeLessThan(2.5 * MAX_PAGE_LENGTH);
  expect(unread).toBeLessThan(MAX_BUFFERED_BYTES);
});

test("answers a frame of many history commands with about two pages at most", () => {
  const { room, reader } = roomWithLongLog();
  room.receive(reader, ...Array.from({ length: 10 }, (_, i) => history(`h${i}`)));
  room.run();
  const frame = reader.take().join("");
  expect(frame.length).toBeLessThan(2.5 * MAX_PAGE_LENGTH);
  expect(frame).toContain('"code":"rate_limited"');
});

test("a page has a message if there is one, however many notices are newer", () => {
  const { room, ann, bob } = ownedRoom();
  room.exchange(bob, { type: "send", id: "a", text: "the message" });
  const { head } = room.log;
  for (let i = 0; i < 20; i += 1) {
    const member = room.userOf(bob);
    room.exchange(ann, { type: "mute", id: `m${i}`, member, duration: 0 });
  }
  const page = room.log.before(room.log.head + 1, 3);
  expect(page.events[0]?.seq).toBe(head);
  expect(page.more).toBe(true);
  const [welcome] = room.join("Cem", { history: 3 }).takeLines();
  expect(welcome).toMatchObject({ more: true });
  expect(welcome?.type === "welcome" && welcome.events[0]?.seq).toBe(head);
  expect(room.log.before(head, 3).events.map(({ type }) => type)).not.toContain("message");
});
