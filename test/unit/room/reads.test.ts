import { expect, test } from "vitest";
import { MAX_BUFFERED_BYTES, MAX_PAGE_LENGTH } from "../../../src/protocol/index.ts";
import { keyOf, type TestPeer, TestRoom } from "../../helpers/test-room.ts";

const LONG = "x".repeat(8_000);

function roomWith(messages: number): { room: TestRoom; reader: TestPeer } {
  const room = new TestRoom();
  const writer = room.join("Ann");
  for (let i = 0; i < messages; i += 1) room.ask(writer, { type: "send", id: `m${i}`, text: LONG });
  const reader = room.join("Bo", { history: 0 });
  reader.take();
  return { room, reader };
}

const history = (id: string, before = 1_000) => ({ type: "history", id, before, limit: 100 }) as const;

test("a page of history ends before it is too long, and says that there is more", () => {
  const { room, reader } = roomWith(60);
  const [line] = room.ask(reader, history("a"));
  if (line?.type !== "history") throw new Error("there is an answer");
  expect(JSON.stringify(line).length).toBeLessThan(1.1 * MAX_PAGE_LENGTH);
  expect(line.more).toBe(true);
  expect(line.events.length).toBeGreaterThan(20);
  expect(line.events.at(-1)?.seq).toBe(60);
  const first = line.events[0]?.seq ?? 0;
  const [next] = room.ask(reader, history("b", first));
  expect(next?.type === "history" && next.events.at(-1)?.seq).toBe(first - 1);
});

test("a client that does not read its answers gets no more than about two pages", () => {
  const { room, reader } = roomWith(60);
  let unread = 0;
  for (let i = 0; i < 100; i += 1) {
    room.say(reader, history(`h${i}`));
    room.run();
    for (const frame of reader.take()) unread += frame.length;
    reader.buffered = unread;
    room.now += 200;
  }
  expect(unread).toBeLessThan(2.5 * MAX_PAGE_LENGTH);
  expect(unread).toBeLessThan(MAX_BUFFERED_BYTES);
});

test("a frame of many history commands gets no more than about two pages", () => {
  const { room, reader } = roomWith(60);
  room.say(reader, ...Array.from({ length: 10 }, (_, i) => history(`h${i}`)));
  room.run();
  const frames = reader.take();
  expect(frames.join("").length).toBeLessThan(2.5 * MAX_PAGE_LENGTH);
  expect(frames.join("")).toContain('"code":"rate_limited"');
});

test("limits the pages that one address reads over HTTP", () => {
  const { room } = roomWith(1);
  const read = (address: string) => room.http.messagesBefore(10, 10, address, room.now).ok;
  const answers = Array.from({ length: 30 }, () => read("192.0.2.1"));
  expect(answers.filter(Boolean)).toHaveLength(20);
  expect(read("192.0.2.2")).toBe(true);
  room.now += 1_000;
  expect(read("192.0.2.1")).toBe(true);
  expect(room.http.eventsAfter(0, "other", 10, "192.0.2.3", room.now)).toMatchObject({
    error: { code: "epoch" },
  });
});

test("a page over HTTP is bounded, and shortens long lists of reactions to counts", () => {
  const { room } = roomWith(40);
  for (let i = 0; i < 30; i += 1) {
    const peer = room.join(`Fan ${i}`, { key: keyOf(`fan-${i}`), history: 0 });
    room.ask(peer, { type: "react", id: "r", target: 40, emoji: "👍", on: true });
  }
  const page = room.http.messagesBefore(1_000, 100, "", room.now);
  if (!page.ok) throw new Error("the page is allowed");
  expect(JSON.stringify(page).length).toBeLessThan(1.1 * MAX_PAGE_LENGTH);
  expect(page.value.more).toBe(true);
  const last = page.value.events.at(-1);
  expect(last).toMatchObject({ seq: 40, reactionCounts: { "👍": 30 } });
  expect(last?.type === "message" && last.reactions?.["👍"]).toHaveLength(20);
});
