// Searches of a room's messages, as its clients see them.
import { expect, test } from "vitest";
import type { ServerLine } from "../../../src/protocol/index.ts";
import { ownedRoom, roomOf, type TestPeer, type TestRoom } from "../../helpers/test-room.ts";

/** Searches and returns the answer. */
function search(
  room: TestRoom,
  peer: TestPeer,
  q: string,
  options: { before?: number; limit?: number } = {},
) {
  room.receive(peer, { type: "search", id: "s", q, ...options });
  const lines: ServerLine[] = [];
  for (let i = 0; i < 200 && !lines.some(({ type }) => type === "found" || type === "error"); i += 1) {
    room.run();
    lines.push(...peer.takeLines());
  }
  const answer = lines.find((line) => line.type === "found" || line.type === "error");
  if (answer === undefined) throw new Error("the search has no answer");
  return answer.type === "found"
    ? { texts: answer.events.map(({ text }) => text), before: answer.before }
    : { error: answer.code };
}

/** Sends messages, few enough at a time for the room to accept them all. */
function fill(room: TestRoom, peer: TestPeer, texts: readonly string[]): void {
  for (const [i, text] of texts.entries()) {
    room.receive(peer, { type: "send", id: `m${i}`, text });
    if (i % 500 === 0) room.run();
  }
  room.run();
  peer.take();
}

test("finds messages, the newest first, in their current form", () => {
  const { room, ann, bob } = roomOf(2);
  fill(room, ann, ["green tea", "coffee", "Tea time", "tea for two", "no drinks"]);
  room.exchange(ann, { type: "edit", id: "e", target: 4, text: "milk for two" });
  room.exchange(ann, { type: "delete", id: "d", target: 3 });
  expect(search(room, bob, "tea")).toEqual({ texts: ["green tea"], before: undefined });
  expect(search(room, bob, "milk")).toEqual({ texts: ["milk for two"], before: undefined });
  room.hibernate();
  expect(search(room, bob, "tea")).toEqual({ texts: ["green tea"], before: undefined });
});

test("goes on before the last page, until the start of the log", () => {
  const { room, ann, bob } = roomOf(2);
  fill(
    room,
    ann,
    Array.from({ length: 2_000 }, (_, i) => (i % 100 === 0 ? `needle ${i}` : `hay ${i}`)),
  );
  const pages: unknown[] = [];
  for (let before: number | undefined; ; ) {
    const page = search(room, bob, "needle", { limit: 8, ...(before !== undefined && { before }) });
    pages.push(page.texts?.length);
    before = page.before;
    if (before === undefined) break;
  }
  expect(pages).toEqual([8, 8, 4]);
});

test("commits and delivers messages between the slices of a scan", () => {
  const { room, ann, bob } = roomOf(2);
  fill(
    room,
    ann,
    Array.from({ length: 3_000 }, (_, i) => `hay ${i}`),
  );
  bob.take();
  room.receive(bob, { type: "search", id: "s", q: "needle" });
  room.run();
  const heard: string[] = [];
  for (let i = 0; !heard.includes("found"); i += 1) {
    room.receive(ann, { type: "send", id: `during-${i}`, text: "hello" });
    room.run();
    heard.push(...bob.takeLines().map(({ type }) => type));
  }
  expect(heard.filter((type) => type === "message").length).toBeGreaterThan(5);
});

test("stops a scan whose connection is closed", () => {
  const { room, ann, bob } = roomOf(2);
  fill(
    room,
    ann,
    Array.from({ length: 2_000 }, (_, i) => `hay ${i}`),
  );
  room.receive(bob, { type: "search", id: "s", q: "needle" });
  room.run();
  room.close(bob);
  room.run();
  room.advance(20_000);
  expect(room.dueAt).toBeNull();
});

test("rejects an empty query, and more searches than may wait", () => {
  const { room, ann, bob } = roomOf(2);
  fill(
    room,
    ann,
    Array.from({ length: 500 }, (_, i) => `hay ${i}`),
  );
  expect(search(room, bob, "  ")).toEqual({ error: "bad_request" });
  const peers = Array.from({ length: 21 }, (_, i) => room.join(`reader-${i}`));
  for (const peer of peers) peer.take();
  for (const peer of peers) room.receive(peer, { type: "search", id: "s", q: "needle" });
  for (let i = 0; i < 100; i += 1) room.run();
  const answers = peers.map((peer) =>
    peer
      .takeLines()
      .flatMap((line) => (line.type === "error" ? [line.code] : line.type === "found" ? ["found"] : [])),
  );
  expect(answers.flat().filter((answer) => answer === "found")).toHaveLength(20);
  expect(answers.flat().filter((answer) => answer === "rate_limited")).toHaveLength(1);
});

test("a scan of a long log counts as several reads", () => {
  const { room, ann, bob } = roomOf(2);
  fill(
    room,
    ann,
    Array.from({ length: 9_000 }, (_, i) => `hay ${i}`),
  );
  expect(room.log.head).toBe(9_000);
  const answers = Array.from({ length: 4 }, () => search(room, bob, "needle").error ?? "found");
  expect(answers).toEqual(["found", "found", "rate_limited", "rate_limited"]);
});

test("over HTTP it finds the same, for those who may read the room", async () => {
  const { room, ann } = ownedRoom({ entry: "knock" });
  fill(room, ann, ["green tea"]);
  const ask = async (key?: string) => {
    const answer = room.http.search("TEA", 100, 10, { network: "", key }, room.now);
    for (let i = 0; i < 3; i += 1) room.run();
    const result = await answer;
    return result.ok ? result.value.events.map(({ text }) => text) : result.error.cause;
  };
  expect(await ask("key-of-Bob".padEnd(22, "-"))).toEqual(["green tea"]);
  expect(await ask()).toBe("waiting");
});
